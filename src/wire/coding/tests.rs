use super::*;
use flate2::{
    Compression,
    write::{DeflateEncoder, GzEncoder, ZlibEncoder},
};
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use std::io::Write as _;

const TEXT: &str = "data: {\"a\": \"[EMAIL_1] wrote\"}\n\ndata: {\"a\": \"grüße\"}\n\n";

/// Every way in which a text may come.
fn encoded(text: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text).unwrap();
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
    zlib.write_all(text).unwrap();
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
    raw.write_all(text).unwrap();
    vec![
        ("gzip", gzip.finish().unwrap()),
        ("deflate", zlib.finish().unwrap()),
        ("deflate", raw.finish().unwrap()),
        ("br", brotli(text)),
        ("zstd", compress_to_vec(text, CompressionLevel::Fastest)),
    ]
}

fn brotli(text: &[u8]) -> Vec<u8> {
    let mut writer = ::brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    writer.write_all(text).unwrap();
    writer.into_inner()
}

fn named(value: &str) -> Result<Option<Coding>, UnknownCoding> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_ENCODING, HeaderValue::try_from(value).unwrap());
    Coding::of(&headers)
}

fn decoder(coding: &str) -> Decoder {
    Decoder::new(named(coding).unwrap().unwrap())
}

/// All that comes of `bytes` in pieces of `size`, and the largest piece.
fn decode(coding: &str, bytes: &[u8], size: usize) -> Result<(Vec<u8>, usize), Broken> {
    let mut decoder = decoder(coding);
    let (mut all, mut largest) = (Vec::new(), 0);
    for piece in bytes.chunks(size) {
        decoder.feed(Bytes::copy_from_slice(piece));
        while let Some(piece) = decoder.read()? {
            largest = largest.max(piece.len());
            all.extend_from_slice(&piece);
        }
    }
    decoder.finish().map(|()| (all, largest))
}

#[test]
fn what_is_encoded_is_read_however_it_is_cut() {
    for text in [TEXT.as_bytes(), b"", b"{}", TEXT.repeat(5000).as_bytes()] {
        for (coding, bytes) in encoded(text) {
            for size in [1, 7, bytes.len()] {
                if size > 1 || text.len() < 1000 {
                    let (all, _) = decode(coding, &bytes, size).unwrap();
                    assert!(all == text, "{coding} by {size}: {} bytes", text.len());
                }
            }
        }
    }
}

#[test]
fn what_is_cut_off_or_damaged_is_broken() {
    for (coding, mut bytes) in encoded(TEXT.as_bytes()) {
        assert_eq!(decode(coding, &bytes[..bytes.len() - 1], 8).err(), Some(Broken), "{coding}");
        assert_eq!(decode(coding, &[], 1).err(), Some(Broken), "{coding}");
        bytes.extend_from_slice(b"more after the end");
        assert_eq!(decode(coding, &bytes, 8).err(), Some(Broken), "{coding}");
        assert_eq!(
            decode(coding, b"{\"plain\": true, \"text\": \"is none\"}", 8).err(),
            Some(Broken),
            "{coding}"
        );
    }
}

#[test]
fn gzip_with_another_checksum_is_broken() {
    let (_, mut bytes) = encoded(TEXT.as_bytes()).swap_remove(0);
    let at = bytes.len() - 8;
    bytes[at] ^= 1;
    assert_eq!(decode("gzip", &bytes, 8).err(), Some(Broken));
}

#[test]
fn a_bomb_comes_in_pieces_of_bounded_size() {
    for (coding, bytes) in encoded(&vec![b'a'; 3 << 20]) {
        let (all, largest) = decode(coding, &bytes, bytes.len()).unwrap();
        assert_eq!(all.len(), 3 << 20, "{coding}");
        // Of zstd, the last piece is as large as its window.
        assert!(largest <= 11 << 17 || coding == "zstd", "{coding}: {largest}");
    }
}

#[test]
fn an_event_does_not_wait_for_the_next_one() {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(b"data: 1\n\n").unwrap();
    gzip.flush().unwrap();
    let mut brotli = ::brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    brotli.write_all(b"data: 1\n\n").unwrap();
    brotli.flush().unwrap();
    for (coding, bytes) in [("gzip", gzip.get_ref()), ("br", brotli.get_ref())] {
        let mut decoder = decoder(coding);
        decoder.feed(Bytes::copy_from_slice(bytes));
        assert_eq!(decoder.read().unwrap().unwrap(), "data: 1\n\n", "{coding}");
        assert_eq!(decoder.read(), Ok(None), "{coding}");
    }
}

#[test]
fn codings_are_told_by_name_and_only_one_at_a_time() {
    assert_eq!(named("identity"), Ok(None));
    assert_eq!(named(" GZip "), Ok(Some(Coding::Gzip)));
    assert_eq!(named("identity, br"), Ok(Some(Coding::Brotli)));
    for unknown in ["compress", "gzip, br", "aes128gcm", "dcb"] {
        assert_eq!(named(unknown), Err(UnknownCoding), "{unknown}");
    }
    assert_eq!(Coding::of(&HeaderMap::new()), Ok(None));
}

#[test]
fn headers_of_a_decoded_body_promise_nothing_of_the_encoded_one() {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("content-encoding", "gzip"),
        ("content-length", "9"),
        ("content-digest", "sha-256=:AA==:"),
        ("etag", "\"a\""),
        ("x-kept", "1"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    describe_decoded(&mut headers);
    assert_eq!(headers.len(), 2, "{headers:?}");
    assert_eq!(headers["etag"], "W/\"a\"");
    assert_eq!(headers["x-kept"], "1");
}
