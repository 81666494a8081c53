//! Login names in what Unix systems list: files with their owners, processes, accounts.

use super::login::{is_role, name_at};
use crate::detect::{
    EntityType,
    pattern::{Accepted, Pattern, Recognizer},
    seen::Seen,
};

pub(super) static LISTING: Recognizer = Recognizer {
    name: "listing",
    description: "login names in lists of files, processes and accounts of Unix systems",
    patterns: &[
        // `ls -l`: kind and permissions, links, owner, group.
        Pattern::new(EntityType::USERNAME, 0.7, r"[dl-](?:[r-][w-][xsS-]){2}[r-][w-][xtT-][.+@]? {1,4}[0-9]{1,5} {1,8}[a-z]").check(at_end),
        Pattern::new(
            EntityType::USERNAME,
            0.7,
            r"[dl-](?:[r-][w-][xsS-]){2}[r-][w-][xtT-][.+@]? {1,4}[0-9]{1,5} {1,8}[a-z][a-z0-9._-]{0,31} {1,8}[a-z]",
        )
        .check(at_end),
        // `ps aux`: user, process, shares of time and memory.
        Pattern::new(EntityType::USERNAME, 0.7, r"(?-u:\b)[0-9]{1,7} {1,4}[0-9]{1,3}\.[0-9] {1,4}[0-9]{1,3}\.[0-9] ").check(in_front),
        // `/etc/passwd`
        Pattern::new(EntityType::USERNAME, 0.7, r":[x*!]:[0-9]{4,7}:[0-9]{1,7}:").check(in_front),
        Pattern::new(EntityType::USERNAME, 0.7, r"(?-u:\b)[ug]id=[0-9]{1,6}\([a-z]").check(in_brackets),
    ],
};

/// Accounts that services run under.
#[rustfmt::skip]
const DAEMONS: &[&str] = &[
    "_apt", "abrt", "adm", "airflow", "apt", "avahi", "bind", "cassandra", "ceph", "chrony", "clamav", "clickhouse", "colord", "consul",
    "coredns", "couchdb", "cups", "dbus", "dhcpcd", "dialout", "dnsmasq", "dockremap", "dovecot", "elasticsearch", "etcd", "exim", "fluentd", "games", "gdm",
    "geoclue", "gitea", "gnats", "gnome-initial-setup", "haproxy", "hdfs", "hive", "influxdb", "irc", "kernoops", "kibana", "landscape", "libvirt-qemu",
    "libstoragemgmt", "lightdm", "list", "logstash", "lp", "man", "mariadb", "memcache", "memcached", "messagebus", "minio", "mosquitto", "named",
    "nagios", "nats", "netdata", "news", "nexus", "nfsnobody", "nm-openvpn", "ntp", "ntpd", "openldap", "openvpn", "pcp", "php-fpm", "pihole", "pipewire",
    "plex", "plugdev", "polkitd", "pollinate", "postfix", "proxy", "pulse", "puppet", "rpc", "rpcuser", "rtkit", "saned", "saslauth", "sshd", "sssd", "solr",
    "sonarqube", "squid", "speech-dispatcher", "stunnel", "sync", "syslog", 
    "tcpdump", "telegraf", "tor", "tss", "tty", "unbound", "unscd", "usbmux", "utmp", "uucp", "uuidd", "varnish", "vault", "vboxadd",
    "wheel", "whoopsie", "xrdp", "yarn", "zabbix", "zookeeper",
];

/// The name at `start`, unless it is that of a role or of a service.
fn login_at<'t>(seen: &Seen<'t>, start: usize) -> Option<&'t str> {
    name_at(seen, start)
        .filter(|name| !is_role(name) && !DAEMONS.contains(name) && !name.starts_with("systemd"))
}

/// The name that begins with the last character of the match.
fn at_end(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = login_at(seen, start)?;
    let ends = seen.all.get(start + name.len()..)?.starts_with(' ');
    ends.then(|| seen.accept_span(start, start + name.len()))?
}

/// The name that is all of its line in front of the match.
fn in_front(seen: &Seen<'_>) -> Option<Accepted> {
    let line = seen.left().rsplit('\n').next()?;
    let word = line.trim_end_matches(' ');
    let start = seen.start - line.len();
    let name = login_at(seen, start).filter(|name| *name == word)?;
    seen.accept_span(start, start + name.len())
}

/// `uid=1004(jdoe)`
fn in_brackets(seen: &Seen<'_>) -> Option<Accepted> {
    let start = seen.end - 1;
    let name = login_at(seen, start).filter(|name| name.len() >= 3)?;
    let ends = seen.all.get(start + name.len()..)?.starts_with(')');
    ends.then(|| seen.accept_span(start, start + name.len()))?
}
