//! What lies between the guard and its upstreams: TLS, versions of HTTP, and proxies.

use crate::support::{EMAIL, Server, Upstream, authority::Authority, folder::Folder, relay::Relay};

/// A name that only a proxy can find.
const FAR: &str = "llm.example";

#[tokio::test]
async fn tls_is_checked_against_the_roots_that_are_given() {
    let (upstream, folder) = (Upstream::echo().await, Folder::new());
    let authority = Authority::over(&["localhost"]);
    let relay = Relay::tls(upstream.address, &authority).await;
    let url = format!("https://localhost:{}", relay.address.port());
    let roots = folder.write("roots.pem", &authority.pem);
    let text = format!("hi {EMAIL}");
    // Who speaks HTTP/1.1 alone has nothing to negotiate.
    for (version, protocol, seen) in
        [("auto", "h2", http::Version::HTTP_2), ("1", "", http::Version::HTTP_11)]
    {
        let server = Server::builder()
            .set("upstreams.openai.base_url", &url)
            .set("upstreams.openai.root_certificates", &roots)
            .set("upstreams.openai.http_version", version)
            .spawn();
        assert_eq!(server.chat(&text).await.said(), text);
        assert_eq!(relay.told().last().unwrap(), protocol);
        assert_eq!(upstream.requests().last().unwrap().version, seen);
    }
}

#[tokio::test]
async fn certificates_of_strangers_and_for_others_are_refused() {
    let (upstream, folder) = (Upstream::echo().await, Folder::new());
    let (known, stranger) = (Authority::over(&["localhost"]), Authority::over(&["localhost"]));
    let other = Authority::over(&["elsewhere.example"]);
    let roots = folder.write("roots.pem", &format!("{}{}", known.pem, other.pem));
    for authority in [stranger, other] {
        let relay = Relay::tls(upstream.address, &authority).await;
        let server = Server::builder()
            .set("upstreams.openai.base_url", format!("https://localhost:{}", relay.address.port()))
            .set("upstreams.openai.root_certificates", &roots)
            .spawn();
        assert_eq!(server.chat("hi").await.error().2.as_deref(), Some("upstream_unreachable"));
    }
    assert!(upstream.requests().is_empty());
}

#[tokio::test]
async fn tls_reaches_ipv6_literals() {
    let (upstream, folder) = (Upstream::echo().await, Folder::new());
    let authority = Authority::over(&["::1"]);
    let Some(relay) = Relay::tls_v6(upstream.address, &authority).await else {
        return; // a machine without IPv6
    };
    let server = Server::builder()
        .set("upstreams.openai.base_url", format!("https://{}", relay.address))
        .set("upstreams.openai.root_certificates", folder.write("roots.pem", &authority.pem))
        .spawn();
    assert_eq!(server.chat("hi").await.said(), "hi");
}

#[tokio::test]
async fn http2_is_spoken_without_tls_where_that_is_said() {
    let upstream = Upstream::echo().await;
    let server =
        Server::builder().upstream(&upstream).set("upstreams.openai.http_version", 2).spawn();
    assert_eq!(server.chat("hi").await.said(), "hi");
    assert_eq!(upstream.only().version, http::Version::HTTP_2);
}

#[tokio::test]
async fn an_upstream_by_tls_is_reached_through_a_tunnel_of_the_proxy() {
    let (upstream, folder) = (Upstream::echo().await, Folder::new());
    let authority = Authority::over(&[FAR]);
    let tls = Relay::tls(upstream.address, &authority).await;
    let proxy = Relay::proxy(tls.address).await;
    let server = Server::builder()
        .set("upstreams.openai.base_url", format!("https://{FAR}"))
        .set("upstreams.openai.root_certificates", folder.write("roots.pem", &authority.pem))
        .variable("HTTPS_PROXY", format!("http://ann:secret-word@{}", proxy.address))
        .spawn();
    let text = format!("hi {EMAIL}");
    assert_eq!(server.chat(&text).await.said(), text);
    let told = proxy.told().pop().unwrap();
    assert!(told.starts_with("CONNECT llm.example:443 HTTP/1.1\r\n"), "{told}");
    let signed_in = "proxy-authorization: basic yw5uonnly3jldc13b3jk";
    assert!(told.to_ascii_lowercase().contains(signed_in), "{told}");
    assert!(!upstream.only().headers.contains_key("proxy-authorization"));
    assert!(!server.logs().contains("secret-word") && !server.logs().contains("YW5uOn"));
}

#[tokio::test]
async fn an_upstream_without_tls_is_asked_by_way_of_the_proxy() {
    let upstream = Upstream::echo().await;
    let proxy = Relay::proxy(upstream.address).await;
    let server = Server::builder()
        .set("upstreams.openai.base_url", format!("http://{FAR}:8000"))
        .variable("http_proxy", format!("ann:secret-word@{}", proxy.address))
        .spawn();
    let text = format!("hi {EMAIL}");
    assert_eq!(server.chat(&text).await.said(), text);
    let told = proxy.told().pop().unwrap();
    let line = "POST http://llm.example:8000/v1/chat/completions HTTP/1.1\r\n";
    assert!(told.starts_with(line), "{told}");
    assert!(told.to_ascii_lowercase().contains("proxy-authorization: basic "), "{told}");
}

#[tokio::test]
async fn a_proxy_is_itself_spoken_to_by_tls_if_its_url_says_so() {
    let (upstream, folder) = (Upstream::echo().await, Folder::new());
    let authority = Authority::over(&[FAR, "localhost"]);
    let roots = folder.write("roots.pem", &authority.pem);
    let others = folder.write("others.pem", &Authority::over(&["localhost"]).pem);
    let far = Relay::tls(upstream.address, &authority).await;
    let text = format!("hi {EMAIL}");
    for (scheme, target, line) in [
        ("https", far.address, "CONNECT llm.example:443 HTTP/1.1\r\n"),
        ("http", upstream.address, "POST http://llm.example/v1/chat/completions HTTP/1.1\r\n"),
    ] {
        let proxy = Relay::proxy(target).await;
        let outer = Relay::tls(proxy.address, &authority).await;
        let url = format!("https://ann:secret-word@localhost:{}", outer.address.port());
        let trusting = |of_proxies: &str| {
            Server::builder()
                .set("upstreams.openai.base_url", format!("{scheme}://{FAR}"))
                .set("upstreams.openai.root_certificates", &roots)
                .set("proxy.root_certificates", of_proxies)
                .variable("ALL_PROXY", &url)
                .spawn()
        };
        let server = trusting(&roots);
        assert_eq!(server.chat(&text).await.said(), text);
        let told = proxy.told().pop().unwrap();
        assert!(told.starts_with(line), "{told}");
        assert!(told.to_ascii_lowercase().contains("proxy-authorization: basic "), "{told}");

        assert_eq!(trusting(&others).chat(&text).await.status, 502);
        assert_eq!(proxy.told().len(), 1, "who cannot be trusted is told nothing");
    }
}

#[tokio::test]
async fn upstreams_are_reached_through_socks_with_tls_and_without() {
    let (upstream, folder) = (Upstream::echo().await, Folder::new());
    let authority = Authority::over(&[FAR]);
    let tls = Relay::tls(upstream.address, &authority).await;
    let text = format!("hi {EMAIL}");
    let proxy = Relay::socks(tls.address).await;
    let server = Server::builder()
        .set("upstreams.openai.base_url", format!("https://{FAR}"))
        .set("upstreams.openai.root_certificates", folder.write("roots.pem", &authority.pem))
        .variable("ALL_PROXY", format!("socks5h://ann:secret-word@{}", proxy.address))
        .spawn();
    assert_eq!(server.chat(&text).await.said(), text);
    assert_eq!(proxy.told(), ["ann:secret-word@llm.example:443"]);
    assert!(!server.logs().contains("secret-word"));

    let proxy = Relay::socks(upstream.address).await;
    let server = Server::builder()
        .set("upstreams.openai.base_url", format!("http://{FAR}"))
        .variable("HTTP_PROXY", format!("socks5://{}", proxy.address))
        .spawn();
    assert_eq!(server.chat(&text).await.said(), text);
    assert_eq!(proxy.told(), ["llm.example:80"]);
    let seen = upstream.requests().pop().unwrap();
    assert_eq!(seen.target, "/v1/chat/completions", "as without a proxy");
}

#[tokio::test]
async fn what_is_said_to_the_guard_alone_wins_over_what_is_said_to_all_programs() {
    let upstream = Upstream::echo().await;
    let (proxy, other) =
        (Relay::proxy(upstream.address).await, Relay::proxy(upstream.address).await);
    let server = Server::builder()
        .set("upstreams.openai.base_url", format!("http://{FAR}"))
        .set("proxy.http", format!("http://{}", proxy.address))
        .variable("HTTP_PROXY", format!("http://{}", other.address))
        .spawn();
    assert_eq!(server.chat("hi").await.said(), "hi");
    assert_eq!((proxy.told().len(), other.told().len()), (1, 0));
}

#[tokio::test]
async fn hosts_that_need_no_proxy_and_the_machine_itself_are_reached_directly() {
    let upstream = Upstream::echo().await;
    let proxy = Relay::proxy(upstream.address).await;
    let url = format!("http://{}", proxy.address);
    let own = Server::builder().upstream(&upstream).variable("HTTP_PROXY", &url).spawn();
    assert_eq!(own.chat("hi").await.said(), "hi");
    let bypassed = Server::builder()
        .set("upstreams.openai.base_url", "http://192.0.2.1:9")
        .set("upstreams.openai.connect_timeout_ms", 1)
        .variable("HTTP_PROXY", &url)
        .variable("NO_PROXY", "other.example,192.0.2.0/24")
        .spawn();
    assert!(bypassed.chat("hi").await.status >= 502);
    assert!(proxy.told().is_empty());
}

#[tokio::test]
async fn a_proxy_that_refuses_makes_the_upstream_unreachable() {
    let refusing = Upstream::echo().await; // answers CONNECT with 404
    let server = Server::builder()
        .set("upstreams.openai.base_url", format!("https://{FAR}"))
        .variable("HTTPS_PROXY", refusing.url())
        .spawn();
    assert_eq!(server.chat("hi").await.error().2.as_deref(), Some("upstream_unreachable"));
}
