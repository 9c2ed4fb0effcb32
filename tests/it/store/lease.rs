//! One process at most drives an operation.

use std::sync::atomic::{AtomicBool, Ordering};

use stackdeck::store::Lease;

use super::{Folder, id};

#[test]
fn a_lease_is_held_by_one_until_it_ends() {
    let (folder, operation) = (Folder::new(), id(1));
    let state = folder.state();
    assert_eq!(Lease::holder(&state, &operation).unwrap(), None);
    assert!(!state.exists(), "looking has made something");
    let lease = Lease::take(&state, &operation).unwrap().unwrap();
    assert!(Lease::take(&state, &operation).unwrap().is_none());
    assert!(Lease::take(&state, &id(2)).unwrap().is_some(), "another operation's is free");
    let holder = Lease::holder(&state, &operation).unwrap().unwrap();
    assert_eq!((holder.pid, holder.version.as_str()), (std::process::id(), env!("CARGO_PKG_VERSION")));
    assert!(!holder.host.is_empty());
    assert!(holder.to_string().starts_with(&format!("process {} on ", holder.pid)), "{holder}");
    drop(lease);
    assert_eq!(Lease::holder(&state, &operation).unwrap(), None, "the file stays, and proves nothing");
    assert!(Lease::take(&state, &operation).unwrap().is_some());
}

#[test]
fn what_is_written_inside_is_not_believed() {
    let (folder, operation) = (Folder::new(), id(1));
    let lease = Lease::take(&folder.state(), &operation).unwrap().unwrap();
    let file = folder.state().join(format!("operations/{operation}.lock"));
    std::fs::write(&file, "{\"pid\":").unwrap();
    let holder = Lease::holder(&folder.state(), &operation).unwrap().unwrap();
    assert_eq!(holder.to_string(), "a process that has just begun");
    drop(lease);
    std::fs::write(&file, "{\"pid\":1,\"host\":\"jump1\"}").unwrap();
    assert_eq!(Lease::holder(&folder.state(), &operation).unwrap(), None, "process 1 lives, and holds nothing");
}

#[test]
fn a_lease_whose_file_was_removed_keeps_nobody_out() {
    let (folder, operation) = (Folder::new(), id(1));
    let lease = Lease::take(&folder.state(), &operation).unwrap().unwrap();
    assert!(lease.is_held());
    std::fs::remove_file(folder.state().join(format!("operations/{operation}.lock"))).unwrap();
    assert!(!lease.is_held());
    let other = Lease::take(&folder.state(), &operation).unwrap().unwrap();
    assert!(other.is_held() && !lease.is_held());
}

#[test]
fn whoever_looks_never_keeps_anybody_from_taking_it() {
    let (folder, operation, over) = (Folder::new(), id(1), AtomicBool::new(false));
    let state = folder.state();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !over.load(Ordering::Relaxed) {
                    Lease::holder(&state, &operation).unwrap();
                }
            });
        }
        let taken: Vec<bool> = (0..200).map(|_| Lease::take(&state, &operation).unwrap().is_some()).collect();
        over.store(true, Ordering::Relaxed);
        assert!(taken.iter().all(|taken| *taken), "{} were refused", taken.iter().filter(|taken| !**taken).count());
    });
}

#[test]
fn of_many_who_want_it_exactly_one_gets_it() {
    let (folder, operation) = (Folder::new(), id(1));
    let state = folder.state();
    for _ in 0..20 {
        let taken: Vec<Option<Lease>> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..4).map(|_| scope.spawn(|| Lease::take(&state, &operation).unwrap())).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(taken.iter().flatten().count(), 1);
    }
}
