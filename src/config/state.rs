//! Reads where Redis is from its settings.

use super::{Config, meant::Reader};
use crate::{
    sensitive::Sensitive,
    store::{RedisConfig, RedisKind, RedisTls, Store},
};

/// `None` if nothing is said of Redis.
pub(super) fn redis(reader: &mut Reader) -> Option<RedisConfig> {
    let default = RedisConfig::new("").timeout;
    let timeout = reader.limit("redis.timeout_ms", default, "would let no command end");
    let password = reader.text_or_file("redis.password", "redis.password_file");
    let tls = RedisTls {
        roots: reader.optional("redis.root_certificates"),
        certificate: reader.optional("redis.client_certificate"),
        key: reader.optional("redis.client_key"),
        server_name: reader.optional("redis.server_name"),
    };
    let kind = kind(reader);
    let url: Option<Sensitive> = reader.optional("redis.url");
    let Some(url) = url else {
        if password.is_some() || tls != RedisTls::default() || kind != RedisKind::Single {
            reader.fault(
                "redis.url",
                "is missing, and other settings of Redis are given",
                "give it",
            );
        }
        return None;
    };
    Some(RedisConfig { password, kind, tls, timeout, ..RedisConfig::new(url.expose().as_str()) })
}

fn kind(reader: &mut Reader) -> RedisKind {
    let modes =
        [("single", Mode::Single), ("sentinel", Mode::Sentinel), ("cluster", Mode::Cluster)];
    let mode = reader.word("redis.mode", &modes, Mode::Single);
    let master: Option<String> = reader.optional("redis.sentinel_master");
    let user: Option<String> = reader.optional("redis.sentinel_user");
    let password = reader.text_or_file("redis.sentinel_password", "redis.sentinel_password_file");
    let said = master.is_some() || user.is_some() || password.is_some();
    if said && !matches!(mode, Mode::Sentinel) {
        let problem = "is not sentinel, and settings for sentinels are given";
        reader.fault("redis.mode", problem, "write sentinel, or remove them");
    }
    match mode {
        Mode::Single => RedisKind::Single,
        Mode::Cluster => RedisKind::Cluster,
        Mode::Sentinel => {
            let master = master.unwrap_or_else(|| {
                let remedy = "write the name by which the sentinels know the master";
                reader.fault("redis.sentinel_master", "is missing", remedy);
                String::new()
            });
            RedisKind::Sentinel { master, user, password }
        }
    }
}

#[derive(Clone, Copy)]
enum Mode {
    Single,
    Sentinel,
    Cluster,
}

/// The store's own checks, which see more than single settings.
pub(super) fn check_redis(reader: &mut Reader, config: &Config) {
    if let Some(error) = config.redis.as_ref().and_then(|redis| Store::redis(redis).err()) {
        reader.fault("redis", format!("cannot be used: {error}"), "mend the setting");
    }
}
