//! Files, images and the like in requests: text in them is guarded, and the policy decides about the rest.

use crate::support::{EMAIL, Server, Upstream, folder::Folder};
use serde_json::json;

const CHAT: &str = "/v1/chat/completions";

/// Documents that are sent as files are text, as far as they are any.
#[tokio::test]
async fn text_in_base64_is_read_where_files_stand() {
    let text = format!("name,mail\nJane,{EMAIL}\n");
    let coded = base64(text.as_bytes());
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let part = json!({"type": "file", "file": {"filename": "a.csv", "file_data": format!("data:text/csv;base64,{coded}")}});
    let chat = json!({"model": "m", "messages": [{"role": "user", "content": [part]}]});
    let block = json!({"type": "document", "source": {"type": "base64", "media_type": "text/csv", "data": coded}});
    let message =
        json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": [block]}]});
    let input = json!({"type": "input_file", "filename": "a.csv", "file_data": coded});
    let response = json!({"model": "m", "input": [{"role": "user", "content": [input]}]});
    for (path, body) in [(CHAT, chat), ("/v1/messages", message), ("/v1/responses", response)] {
        let answer =
            server.post(path, &[("x-guard-policy", "gdpr_strict")], body.to_string()).await;
        assert!(
            answer.header("x-guard-findings").contains("EMAIL_ADDRESS=1"),
            "{path}: {}",
            answer.text()
        );
    }
    for sent in upstream.requests() {
        let sent = sent.everything();
        assert!(!sent.contains(&coded), "{sent}");
        assert!(sent.contains(&base64(b"name,mail\n")[..12]), "{sent}");
    }
}

/// A spreadsheet saves tables in UTF-16 or in the letters of the country.
#[tokio::test]
async fn files_of_text_are_read_in_other_encodings_than_utf_8() {
    let text = format!("Name;Mail\r\nJürgen;{EMAIL}\r\n");
    let latin_1: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
    let marked = format!("\u{feff}{text}");
    let utf_16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    for bytes in [latin_1, utf_16] {
        let data = format!("data:text/csv;base64,{}", base64(&bytes));
        let part = json!({"type": "file", "file": {"filename": "a.csv", "file_data": data}});
        let body = json!({"model": "m", "messages": [{"role": "user", "content": [part]}]});
        let strict = [("x-guard-policy", "gdpr_strict")];
        let answer = server.post(CHAT, &strict, body.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert!(answer.header("x-guard-findings").contains("EMAIL_ADDRESS=1"));
        let sent = upstream.requests().pop().unwrap().everything();
        // What stands before the first value is as it was.
        assert!(sent.contains(&base64(&bytes)[..12]) && !sent.contains(&data), "{sent}");
    }
}

/// A part of a kind that nobody knows yet is text, as far as it can be read; else the policy decides.
#[tokio::test]
async fn content_of_an_unknown_kind_follows_the_policy() {
    let data = format!("data:model/gltf;base64,{}", "AAEC".repeat(40));
    let part =
        json!({"type": "hologram", "hologram": {"note": format!("for {EMAIL}"), "data": data}});
    let body = json!({"model": "m", "messages": [{"role": "user", "content": [part]}]}).to_string();
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let answer = server.post(CHAT, &[], body.clone()).await;
    assert_eq!((answer.status, answer.header("x-guard-unscanned")), (200, "file"));
    let sent = upstream.only().everything();
    assert!(sent.contains("for [EMAIL_1]") && sent.contains(&data), "{sent}");
    let strict = [("x-guard-policy", "gdpr_strict")];
    let refused = server.post(CHAT, &strict, body).await;
    assert_eq!(refused.error().2.as_deref(), Some("unscannable_content"));
}

#[tokio::test]
async fn media_in_unusual_spellings_follow_the_policy() {
    let noise = "AAECAwQF".repeat(20);
    let lines = format!("{}\n{}\n", &noise[..76], &noise[76..152]);
    let part = |data: String| json!({"type": "file", "file": {"file_data": data}});
    let chat = |part| json!({"model": "m", "messages": [{"role": "user", "content": [part]}]});
    let heic = json!({"type": "document", "source": {"type": "base64", "media_type": "image/heic", "data": noise}});
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    for (path, body) in [
        (CHAT, chat(part(lines))),
        (CHAT, chat(part(format!("DATA:a/b; x=\"y\";BASE64,{noise}")))),
        ("/v1/messages", chat(heic)),
    ] {
        let answer = server.post(path, &[], body.to_string()).await;
        assert_eq!((answer.status, answer.header("x-guard-unscanned")), (200, "file"), "{body}");
        let strict = [("x-guard-policy", "gdpr_strict")];
        let refused = server.post(path, &strict, body.to_string()).await;
        assert_eq!(refused.status, 403, "{body}");
    }
}

/// What the provider keeps or fetches cannot be read here either, in whatever part and API it stands.
#[tokio::test]
async fn files_and_images_by_reference_follow_the_policy() {
    let upstream = Upstream::echo().await;
    let server = Server::before(&upstream);
    let image = "https://cdn.example.org/scan.png";
    let blocks = |part| json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": [part]}]});
    let items = |part| json!({"model": "m", "input": [{"role": "user", "content": [part]}]});
    for (path, body, kind) in [
        (CHAT, blocks(json!({"type": "file", "file": {"file_id": "file-abc123"}})), "file"),
        (CHAT, blocks(json!({"type": "image_url", "image_url": {"url": image}})), "image"),
        (
            CHAT,
            json!({"model": "m", "messages": [{"role": "assistant", "audio": {"id": "audio_1"}}]}),
            "audio",
        ),
        ("/v1/responses", items(json!({"type": "input_image", "file_id": "file-abc"})), "file"),
        ("/v1/responses", items(json!({"type": "input_image", "image_url": image})), "image"),
        (
            "/v1/responses",
            items(json!({"type": "input_file", "file_url": "https://example.org/a.pdf"})),
            "file",
        ),
        (
            "/v1/responses",
            json!({"model": "m", "input": "hi", "tools": [{"type": "file_search", "vector_store_ids": ["vs_1"]}]}),
            "file",
        ),
        (
            "/v1/messages",
            blocks(json!({"type": "image", "source": {"type": "file", "file_id": "file_1"}})),
            "file",
        ),
        (
            "/v1/messages",
            blocks(json!({"type": "image", "source": {"type": "url", "url": image}})),
            "image",
        ),
        (
            "/v1/messages",
            blocks(json!({"type": "tool_result", "tool_use_id": "t", "content": [
            {"type": "document", "source": {"type": "url", "url": "https://example.org/a"}}]})),
            "file",
        ),
    ] {
        let answer = server.post(path, &[], body.to_string()).await;
        assert_eq!((answer.status, answer.header("x-guard-unscanned")), (200, kind), "{body}");
        assert_eq!(upstream.requests().pop().unwrap().json(), body, "it goes on as it is");
        for policy in ["hipaa_phi", "gdpr_strict", "pci_dss"] {
            let refused = server.post(path, &[("x-guard-policy", policy)], body.to_string()).await;
            let code = &refused.json()["error"]["code"];
            assert_eq!(
                (refused.status, code),
                (403, &json!("unscannable_content")),
                "{policy} {body}"
            );
        }
    }
}

/// A stand-in for a link leads nowhere. So it goes as it is, unless something else in it is private.
#[tokio::test]
async fn the_url_of_an_image_is_never_rewritten() {
    let upstream = Upstream::echo().await;
    let folder = Folder::new();
    let policy = folder.write("links.yaml", "extends: default_pii\nentities: [URL]\n");
    let server = Server::builder().upstream(&upstream).set("policy.files", policy).spawn();
    let ask = async |url: String| {
        let part = json!({"type": "image_url", "image_url": {"url": url}});
        let body = json!({"model": "m", "messages": [{"role": "user", "content": [part]}]});
        server.post(CHAT, &[("x-guard-policy", "links")], body.to_string()).await
    };
    let plain = "https://cdn.example.org/scan.png";
    assert_eq!(ask(plain.to_owned()).await.status, 200);
    assert!(upstream.only().everything().contains(plain));
    let refused = ask(format!("https://cdn.example.org/{EMAIL}/scan.png")).await;
    assert_eq!((refused.status, refused.param().as_deref()), (400, Some("messages")));
    assert!(refused.text().contains("EMAIL_ADDRESS") && refused.text().contains("base64"));
    assert_eq!(upstream.requests().len(), 1);
}

fn base64(bytes: &[u8]) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| -> String {
        let bits = (0..3).fold(0, |bits, at| bits << 8 | usize::from(*group.get(at).unwrap_or(&0)));
        let letter = |at: usize| match at <= group.len() {
            true => char::from(letters[bits >> (18 - 6 * at) & 63]),
            false => '=',
        };
        (0..4).map(letter).collect()
    };
    bytes.chunks(3).map(group).collect()
}
