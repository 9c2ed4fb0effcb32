//! What the state folder is on. On a network file system SQLite's shared memory does not work.

use std::path::Path;

use rustix::fs::statfs;

/// What a folder is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disk {
    /// A disk of this machine.
    Local,
    /// A file system that other machines may have mounted as well: the journal is kept in another, slower mode.
    Network(&'static str),
}

impl Disk {
    /// What `dir` is on; for a folder that is not there yet, the nearest one above it. What cannot be told is local.
    pub fn of(dir: &Path) -> Self {
        let Some(found) = dir.ancestors().find_map(|dir| statfs(dir).ok()) else { return Disk::Local };
        // The kernel's type has another width on each architecture; the magic numbers have 32 bits.
        Self::by_magic(found.f_type as u32)
    }

    /// By `linux/magic.h`, and by the file systems' own sources where that page lacks them.
    fn by_magic(magic: u32) -> Self {
        Disk::Network(match magic {
            0x6969 => "NFS",
            0x517b | 0xff53_4d42 | 0xfe53_4d42 => "SMB",
            0x00c3_6400 => "Ceph",
            0x5346_414f | 0x6b41_4653 => "AFS",
            0x6573_5546 => "FUSE",
            0x0102_1997 => "9P",
            0x0bd0_0bd0 => "Lustre",
            0x4750_4653 => "GPFS",
            0x0116_1970 => "GFS2",
            0x7461_636f => "OCFS2",
            _ => return Disk::Local,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Disk;

    #[test]
    fn network_file_systems_are_known_by_their_magic() {
        assert_eq!(Disk::by_magic(0x6969), Disk::Network("NFS"));
        assert_eq!(Disk::by_magic(0xfe53_4d42), Disk::Network("SMB"));
        for (name, magic) in [("ext4", 0xef53), ("xfs", 0x5846_5342), ("tmpfs", 0x0102_1994), ("overlay", 0x794c_7630)]
        {
            assert_eq!(Disk::by_magic(magic), Disk::Local, "{name}");
        }
    }
}
