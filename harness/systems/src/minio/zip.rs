//! The least archive that a ZIP reader takes: files stored as they are. The store wants its accounts in one.

/// An archive of these files, name and content.
pub(super) fn archive(files: &[(&str, String)]) -> Vec<u8> {
    let (mut out, mut index) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let offset = out.len() as u32;
        let about = about(name, content.as_bytes());
        out.extend(b"PK\x03\x04\x14\0");
        out.extend(&about);
        out.extend(name.as_bytes());
        out.extend(content.as_bytes());
        index.extend(b"PK\x01\x02\x14\0\x14\0");
        index.extend(&about);
        // No comment, first disk, no attributes.
        index.extend([0; 10]);
        index.extend(offset.to_le_bytes());
        index.extend(name.as_bytes());
    }
    let count = (files.len() as u16).to_le_bytes();
    let (start, size) = (out.len() as u32, index.len() as u32);
    out.extend(index);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count);
    out.extend(count);
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

/// What stands alike before a file and in the index: no flags, stored, no time, checksum, sizes, length of the name, no extra.
fn about(name: &str, content: &[u8]) -> Vec<u8> {
    let size = (content.len() as u32).to_le_bytes();
    let mut about = vec![0; 8];
    about.extend(crc32fast::hash(content).to_le_bytes());
    about.extend(size);
    about.extend(size);
    about.extend((name.len() as u16).to_le_bytes());
    about.extend([0; 2]);
    about
}
