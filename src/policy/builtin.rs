//! The policies that come with the crate.

/// Name for messages and YAML of each. They are read like any other file.
pub(super) const FILES: [(&str, &str); 7] = [
    ("policies/default_pii.yaml", include_str!("../../policies/default_pii.yaml")),
    ("policies/gdpr_strict.yaml", include_str!("../../policies/gdpr_strict.yaml")),
    ("policies/hipaa_phi.yaml", include_str!("../../policies/hipaa_phi.yaml")),
    ("policies/injection.yaml", include_str!("../../policies/injection.yaml")),
    ("policies/pci_dss.yaml", include_str!("../../policies/pci_dss.yaml")),
    ("policies/secrets.yaml", include_str!("../../policies/secrets.yaml")),
    ("policies/slm_local.yaml", include_str!("../../policies/slm_local.yaml")),
];
