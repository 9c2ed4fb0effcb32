//! Ids as OpenStack makes them: 128 bits, written as a UUID or as plain hexadecimal.

use std::fmt;

use serde::{Serialize, Serializer};

/// An id of anything; written with dashes (nova, glance, neutron, octavia).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(pub u128);

impl Uid {
    /// A fresh version 4 UUID.
    pub fn random(rng: &mut fastrand::Rng) -> Self {
        let bits = rng.u128(..);
        Self((bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62))
    }

    /// Without dashes: keystone's ids of projects and users.
    pub fn hex(self) -> Hex {
        Hex(self.0)
    }

    /// Reads either form.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bits = 0u128;
        let mut digits = 0;
        for (at, c) in text.bytes().enumerate() {
            if c == b'-' && matches!(at, 8 | 13 | 18 | 23) && text.len() == 36 {
                continue;
            }
            bits = bits << 4 | u128::from(char::from(c).to_digit(16)?);
            digits += 1;
            if digits > 32 {
                return None;
            }
        }
        (digits == 32).then_some(Self(bits))
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [b'-'; 36];
        let mut shift = 128;
        for (at, slot) in text.iter_mut().enumerate() {
            if !matches!(at, 8 | 13 | 18 | 23) {
                shift -= 4;
                *slot = DIGITS[(self.0 >> shift & 0xf) as usize];
            }
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl Serialize for Uid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An id without dashes.
#[derive(Clone, Copy, Debug)]
pub struct Hex(u128);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
