use super::*;
use crate::{sensitive::Sensitive, store::RedisConfig};
use futures_util::future::{FutureExt, ready};
use std::cell::RefCell;

fn vault(store: &Store) -> Vault {
    Vault::new(VaultConfig::default(), store.clone(), &Secret::new([4; 32]))
}

fn ids(caller: &str, session: &str) -> (CallerId, SessionId) {
    (CallerId::new(caller), SessionId::parse(session).unwrap())
}

fn mapping(pairs: &[(&str, &str)]) -> Mapping {
    Mapping::from_pairs(pairs.iter().map(|(p, v)| ((*p).to_owned(), Sensitive::new(*v))))
}

fn pairs(mapping: &Mapping) -> Vec<(String, String)> {
    mapping.pairs().into_iter().map(|(p, v)| (p, v.expose().clone())).collect()
}

const ANN: &[(&str, &str)] = &[("[EMAIL_1]", "ann@example.org")];

#[tokio::test]
async fn mapping_comes_back_to_its_caller_and_session_alone() {
    let vault = vault(&Store::memory(1 << 20));
    let (ann, session) = ids("ann", "s1");
    let saved = vault.save(&ann, &session, &mapping(ANN), Expected::Absent).await.unwrap();
    let (loaded, version) = vault.load(&ann, &session).await.unwrap().unwrap();
    assert_eq!((pairs(&loaded), saved), (pairs(&mapping(ANN)), Saved::As(version)));

    let (bob, other) = ids("bob", "s2");
    assert!(vault.load(&bob, &session).await.unwrap().is_none());
    assert!(vault.load(&ann, &other).await.unwrap().is_none());
    vault.delete(&bob, &session).await.unwrap();
    assert!(vault.load(&ann, &session).await.unwrap().is_some());
    vault.delete(&ann, &session).await.unwrap();
    assert!(vault.load(&ann, &session).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn session_lives_for_its_time_after_the_last_use() {
    let vault = vault(&Store::memory(1 << 20));
    let (ann, session) = ids("ann", "s1");
    vault.save(&ann, &session, &mapping(ANN), Expected::Absent).await.unwrap();
    for _ in 0..3 {
        tokio::time::advance(Duration::from_secs(3599)).await;
        assert!(vault.load(&ann, &session).await.unwrap().is_some());
    }
    tokio::time::advance(Duration::from_secs(3600)).await;
    assert!(vault.load(&ann, &session).await.unwrap().is_none());
}

#[tokio::test]
async fn of_two_who_extend_the_same_one_begins_again() {
    let vault = vault(&Store::memory(1 << 20));
    let (ann, session) = ids("ann", "s1");
    let first = vault.save(&ann, &session, &mapping(ANN), Expected::Absent).await.unwrap();
    let Saved::As(version) = first else { panic!("nobody was there before") };
    let seen = Expected::Version(version);
    assert!(matches!(vault.save(&ann, &session, &mapping(&[]), seen).await, Ok(Saved::As(_))));
    assert_eq!(vault.save(&ann, &session, &mapping(ANN), seen).await, Ok(Saved::Conflict));
    let absent = Expected::Absent;
    assert_eq!(vault.save(&ann, &session, &mapping(ANN), absent).await, Ok(Saved::Conflict));
}

/// The mapping with one value more.
fn extended(mapping: &Mapping, value: &str) -> Mapping {
    let mut pairs = mapping.pairs();
    pairs.push((format!("[EMAIL_{}]", pairs.len() + 1), Sensitive::new(value)));
    Mapping::from_pairs(pairs)
}

#[tokio::test]
async fn update_begins_again_when_another_call_came_in_between() {
    let vault = vault(&Store::memory(1 << 20));
    let (ann, session) = ids("ann", "s1");
    let seen = RefCell::new(Vec::new());
    let work = async |current: Mapping| {
        seen.borrow_mut().push(current.len());
        if current.is_empty() {
            // Another replica saves while this one works.
            vault.save(&ann, &session, &mapping(ANN), Expected::Absent).await?;
        }
        Ok::<_, Error>(((), extended(&current, "bob@example.org")))
    };
    assert!(vault.update(&ann, &session, Missing::Begin, work).await.unwrap().is_some());
    assert_eq!(*seen.borrow(), [0, 1]);
    let (kept, _) = vault.load(&ann, &session).await.unwrap().unwrap();
    let expected = [("[EMAIL_1]", "ann@example.org"), ("[EMAIL_2]", "bob@example.org")];
    assert_eq!(pairs(&kept), pairs(&mapping(&expected)));
}

#[tokio::test]
async fn update_gives_up_when_others_keep_getting_through() {
    let vault = vault(&Store::memory(1 << 20));
    let (ann, session) = ids("ann", "s1");
    let work = async |current: Mapping| {
        let other = extended(&current, "eve@example.org");
        vault
            .update(&ann, &session, Missing::Begin, |_| ready(Ok::<_, Error>(((), other.clone()))))
            .await?;
        Ok::<_, Error>(((), extended(&current, "bob@example.org")))
    };
    let result = vault.update(&ann, &session, Missing::Begin, work).await;
    assert_eq!(result, Err(Error::Contended));
}

#[tokio::test]
async fn update_keeps_nothing_of_a_failure_nor_of_a_session_that_is_not_to_begin() {
    let vault = vault(&Store::memory(1 << 20));
    let (ann, session) = ids("ann", "s1");
    let failing = |_| ready(Err::<((), Mapping), _>(Error::Foreign));
    let result = vault.update(&ann, &session, Missing::Begin, failing).await;
    assert_eq!(result, Err(Error::Foreign));
    let untouched = vault.update(&ann, &session, Missing::Leave, failing).await;
    assert_eq!(untouched, Ok(None));
    assert!(vault.load(&ann, &session).await.unwrap().is_none());
}

#[tokio::test]
async fn update_that_changes_nothing_writes_nothing() {
    let vault = vault(&Store::memory(1 << 20));
    let (ann, session) = ids("ann", "s1");
    let saved = vault.save(&ann, &session, &mapping(ANN), Expected::Absent).await.unwrap();
    let look = |current: Mapping| ready(Ok::<_, Error>((current.len(), current)));
    // Boxed, as the stack will have it: the future must be `Send`.
    let updated = vault.update(&ann, &session, Missing::Leave, look).boxed();
    assert_eq!(updated.await, Ok(Some(1)));
    let (_, version) = vault.load(&ann, &session).await.unwrap().unwrap();
    assert_eq!(saved, Saved::As(version));
}

#[tokio::test]
async fn session_under_another_secret_is_not_found() {
    let store = Store::memory(1 << 20);
    let (ann, session) = ids("ann", "s1");
    vault(&store).save(&ann, &session, &mapping(ANN), Expected::Absent).await.unwrap();
    let other = Vault::new(VaultConfig::default(), store, &Secret::new([5; 32]));
    assert!(other.load(&ann, &session).await.unwrap().is_none());
}

#[tokio::test]
async fn damaged_entry_and_store_that_is_down_are_state_unavailable() {
    let store = Store::memory(1 << 20);
    let (ann, session) = ids("ann", "s1");
    let sealed = vault(&store);
    let damaged = bytes::Bytes::from_static(&[1; 60]);
    store.put(&sealed.key(&ann, &session), damaged, Duration::from_secs(60)).await.unwrap();
    assert_eq!(sealed.load(&ann, &session).await.unwrap_err(), Error::Sealed);

    let down = vault(&Store::redis(&RedisConfig::new("redis://127.0.0.1:1")).unwrap());
    for error in [down.load(&ann, &session).await.unwrap_err(), Error::Sealed, Error::Contended] {
        assert!(matches!(call::Error::from(error), call::Error::StateUnavailable(_)));
    }
}

#[tokio::test]
async fn mapping_that_outgrows_its_room_is_refused_with_the_limit() {
    let config = VaultConfig { max_session_bytes: 20, ..VaultConfig::default() };
    let vault = Vault::new(config, Store::memory(1 << 20), &Secret::new([4; 32]));
    let (ann, session) = ids("ann", "s1");
    let error = vault.save(&ann, &session, &mapping(ANN), Expected::Absent).await.unwrap_err();
    let call::Error::Invalid { message, .. } = error.into() else { panic!("the caller's fault") };
    assert!(message.contains("20"), "{message}");
}

#[test]
fn new_sessions_are_long_and_never_alike() {
    let ids: std::collections::HashSet<_> =
        (0..1000).map(|_| Vault::new_session().unwrap()).collect();
    assert_eq!(ids.len(), 1000);
    assert!(ids.iter().all(|id| id.expose().len() == ID_LENGTH));
}

/// The time left is measured by the clock of the machine, which no test can turn.
#[tokio::test]
async fn session_ends_with_its_life_however_often_it_is_used() {
    let store = Store::memory(1 << 20);
    let vault = vault(&store);
    let (ann, session) = ids("ann", "s1");
    let life = Duration::from_millis(300);
    let short = vault.ending_after(Some(life));
    let add = |_| ready(Ok::<_, Error>(((), mapping(ANN))));
    let began = std::time::Instant::now();
    short.update(&ann, &session, Missing::Begin, add).await.unwrap();
    // Neither a longer life nor none gives it more.
    let long = vault.ending_after(Some(Duration::from_secs(3600)));
    for vault in [&long, &vault, &short] {
        vault.update(&ann, &session, Missing::Leave, add).await.unwrap();
    }
    while vault.load(&ann, &session).await.unwrap().is_some() {
        assert!(began.elapsed() < Duration::from_secs(20), "it does not end");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // The clock of the vault knows whole milliseconds.
    assert!(began.elapsed() + Duration::from_millis(1) >= life);
}

#[tokio::test]
async fn policy_with_a_shorter_life_shortens_that_of_a_session_that_it_only_reads() {
    let store = Store::memory(1 << 20);
    let vault = vault(&store);
    let (ann, session) = ids("ann", "s1");
    let same = |_| ready(Ok::<_, Error>(((), mapping(ANN))));
    vault.update(&ann, &session, Missing::Begin, same).await.unwrap();
    let over = vault.ending_after(Some(Duration::ZERO));
    over.update(&ann, &session, Missing::Leave, same).await.unwrap();
    assert!(vault.load(&ann, &session).await.unwrap().is_none());
}
