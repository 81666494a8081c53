//! Code hosting, continuous integration, package registries.

use super::{super::check, Kind, kind};

#[rustfmt::skip]
pub(super) static KINDS: &[Kind] = &[
    kind("github_token", &["ghp_<w36>", "gho_<w36>", "ghu_<w36>", "ghs_<w36>", "ghr_<w36>", "ghr_<w76>", "ghs_<w40-80>"]).check(check::github),
    kind("github_fine_grained_token", &["github_pat_<w22>_<w59>", "github_pat_<t82>"]).check(check::mixed),
    kind("gitlab_token", &[
        "glpat-<t20>", "gldt-<t20>", "glft-<t20>", "glrt-<t20>", "glptt-<h40>", "glsoat-<t20>", "glimt-<t25>", "glffct-<t20>",
        "glagent-<t50>", "glcbt-<w1-5>_<t20>", "glcbt-<t20-64>", "gloas-<t64>", "glrtr-<t20>", "glwt-<t20>", "GR1348941<t20>",
        "glrt-t<d1>_<t20>",
    ]).check(check::mixed),
    kind("gitlab_routable_token", &[
        "glpat-<t27-300>.<l9>", "glrt-t<d1>_<t27-300>.<l9>", "glpat-<t27-300>.<l2>.<l9>", "glrt-<t27-300>.<l2>.<l9>",
        "glptt-<t27-300>.<l2>.<l9>", "gldt-<t27-300>.<l2>.<l9>",
    ]).check(check::gitlab),
    kind("bitbucket_app_password", &["ATBB<w32>"]).check(check::mixed),
    kind("bitbucket_access_token", &["ATCTT3<e150-250>"]).check(check::mixed),
    kind("bitbucket_server_token", &["BBDC-<b44>"]).check(check::mixed),
    kind("sourcegraph_token", &["sgp_<h40>", "sgp_<h16>_<h40>", "sgp_local_<h40>", "slk_<h64>", "sgs_<h40>"]),
    kind("phabricator_token", &["cli-<l28>", "api-<l28>"]).check(check::random),
    kind("codeclimate_token", &["CODECLIMATE_REPO_TOKEN=<h64>"]),
    kind("circleci_token", &["CCIPAT_<w22>_<h40>", "CCIPRJ_<w22>_<h40>"]),
    kind("buildkite_token", &["bkua_<h40>", "bkaa_<h40>"]),
    kind("octopus_deploy_key", &["API-<u26>"]).check(check::mixed),
    kind("harness_token", &["pat.<t22>.<h24>.<w20>", "sat.<t22>.<h24>.<w20>"]),
    kind("teamcity_token", &["eyJ0eXAiOiAiVENWMiJ9.<t36>.<t48>"]),
    kind("sonar_token", &["squ_<w40>", "sqp_<w40>", "sqa_<w40>", "sqb_<w40>"]),
    kind("npm_token", &["npm_<w36>"]).check(check::npm),
    kind("pypi_token", &["pypi-AgEIcHlwaS5vcmc<t50-1000>", "pypi-AgENdGVzdC5weXBpLm9yZw<t50-1000>"]),
    kind("rubygems_key", &["rubygems_<h48>"]),
    kind("crates_io_token", &["cio<w32>"]).check(check::mixed),
    kind("nuget_key", &["oy2<l43>"]).check(check::mixed),
    kind("docker_token", &["dckr_pat_<t27>", "dckr_oat_<t32>"]).check(check::mixed),
    kind("docker_swarm_token", &["SWMTKN-1-<l50>-<l25>", "SWMKEY-1-<b43>"]).check(check::mixed),
    kind("clojars_token", &["CLOJARS_<l60>"]),
    kind("packagist_token", &["packagist_ort_<h64>", "packagist_uut_<h64>", "packagist_oat_<h64>", "packagist_ack_<h64>", "packagist_acs_<h64>"]),
    kind("artifactory_key", &["AKCp<w60-73>", "cmVmdGtu<w56>"]).check(check::mixed),
    kind("deno_token", &["ddp_<w36>", "ddo_<w36>", "ddw_<w36>"]),
    kind("stackhawk_key", &["hawk.<t20>.<t20>"]),
    kind("snyk_token", &["snyk_uat.<h8>.<t20-1000>", "snyk_sat.<h8>.<t20-1000>"]),
    kind("dependency_track_key", &["odt_<w32>", "odt_<w8>_<w32>"]).check(check::mixed),
    kind("postman_key", &["PMAK-<h24>-<h34>", "PMAT-<u26>"]),
    kind("readme_key", &["rdme_<l70>"]),
    kind("apify_token", &["apify_api_<w30-40>"]),
    kind("openshift_token", &["sha256~<t43>"]),
    kind("chromatic_token", &["chpt_<h12-40>"]),
];
