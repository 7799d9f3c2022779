//! Whether a binary needs nothing but a kernel: only such a one runs in an image without a C library.
use std::{fs::File, io::Read, path::Path};

/// Type of the program header that names a dynamic loader.
const PT_INTERP: u32 = 3;

/// True for a 64-bit little-endian ELF file that asks for no dynamic loader.
pub(crate) fn is_static(file: &Path) -> bool {
    let mut head = Vec::new();
    let read = File::open(file).and_then(|file| file.take(1 << 16).read_to_end(&mut head));
    read.is_ok() && asks_for_no_loader(&head).unwrap_or(false)
}

/// Reads the program headers; `None` where they are not in the first 64 KiB or this is no such file.
fn asks_for_no_loader(head: &[u8]) -> Option<bool> {
    if head.get(..6)? != b"\x7fELF\x02\x01" {
        return None;
    }
    let word = |at: usize| Some(u16::from_le_bytes(head.get(at..at + 2)?.try_into().ok()?));
    let offset = usize::try_from(u64::from_le_bytes(head.get(32..40)?.try_into().ok()?)).ok()?;
    let (size, count) = (usize::from(word(54)?), usize::from(word(56)?));
    let kinds = (0..count).map(|n| {
        let at = offset.checked_add(n * size)?;
        Some(u32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?))
    });
    let kinds: Option<Vec<u32>> = kinds.collect();
    Some(!kinds?.contains(&PT_INTERP))
}

#[cfg(test)]
mod tests {
    use super::{asks_for_no_loader, is_static};

    #[test]
    fn a_script_and_a_missing_file_are_not_static_binaries() {
        assert!(!is_static("/etc/passwd".as_ref()) && !is_static("/no/such/file".as_ref()));
    }

    #[test]
    fn the_loader_header_decides() {
        let with = |kind: u8| {
            let mut file = vec![0; 64 + 56];
            file[..6].copy_from_slice(b"\x7fELF\x02\x01");
            (file[32], file[54], file[56], file[64]) = (64, 56, 1, kind);
            file
        };
        assert_eq!(asks_for_no_loader(&with(1)), Some(true));
        assert_eq!(asks_for_no_loader(&with(3)), Some(false));
        assert_eq!(asks_for_no_loader(&with(3)[..66]), None);
    }
}
