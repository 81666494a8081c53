//! Reads where Redis is from its settings.

use super::{Config, meant::Reader, read::text_or_file};
use crate::{
    sensitive::Sensitive,
    store::{RedisConfig, RedisTls, Store},
};

/// `None` if nothing is said of Redis.
pub(super) fn redis(reader: &mut Reader) -> Option<RedisConfig> {
    let timeout = reader.optional("redis.timeout_ms");
    let password = text_or_file(reader, "redis.password", "redis.password_file");
    let tls = RedisTls {
        roots: reader.optional("redis.root_certificates"),
        certificate: reader.optional("redis.client_certificate"),
        key: reader.optional("redis.client_key"),
        server_name: reader.optional("redis.server_name"),
    };
    let url: Option<Sensitive> = reader.optional("redis.url");
    let Some(url) = url else {
        if password.is_some() || tls != RedisTls::default() {
            reader.fault(
                "redis.url",
                "is missing, and other settings of Redis are given",
                "give it",
            );
        }
        return None;
    };
    let default = RedisConfig::new(url.expose().as_str());
    Some(RedisConfig { password, tls, timeout: timeout.unwrap_or(default.timeout), ..default })
}

/// The store's own checks, which see more than single settings.
pub(super) fn check_redis(reader: &mut Reader, config: &Config) {
    if let Some(error) = config.redis.as_ref().and_then(|redis| Store::redis(redis).err()) {
        reader.fault("redis", format!("cannot be used: {error}"), "mend the setting");
    }
}
