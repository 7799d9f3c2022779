//! The clock code that the kernel maps into every process (the vDSO): where it lies, and where in it each function begins.
use crate::process;
use model::facts::Process;
use std::{
    fs::{self, File, OpenOptions},
    io,
    ops::Range,
    os::unix::fs::FileExt,
};

/// The clock code of one process, open for reading and writing.
pub struct Image {
    memory: File,
    /// Its addresses.
    pub range: Range<u64>,
}

impl Image {
    /// Opens that of a process.
    ///
    /// # Errors
    /// It is gone, is another one, or has no such code.
    pub fn open(of: &Process) -> Result<Self, String> {
        let pid = of.pid;
        let fails = |error: io::Error| format!("open the memory of process {pid}: {error}");
        let path = format!("/proc/{pid}/mem");
        let memory = OpenOptions::new().read(true).write(true).open(path);
        let memory = memory.map_err(fails)?;
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).map_err(fails)?;
        if !process::lives(of) {
            return Err(format!("find process {pid}: it has ended"));
        }
        let range = maps.lines().find_map(range);
        let range = range.ok_or(format!("find the clock code of process {pid}"))?;
        Ok(Self { memory, range })
    }

    /// Bytes at an address.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn read(&self, at: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.memory.read_exact_at(&mut bytes, at)?;
        Ok(bytes)
    }

    /// Writes bytes at an address.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn write(&self, at: u64, bytes: &[u8]) -> io::Result<()> {
        self.memory.write_all_at(bytes, at)
    }

    /// The whole.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        let length = (self.range.end - self.range.start) as usize;
        self.read(self.range.start, length)
    }
}

/// The addresses of a line of `maps` that names the vDSO.
fn range(line: &str) -> Option<Range<u64>> {
    let addresses = line.trim_end().strip_suffix("[vdso]")?;
    let (start, end) = addresses.split_whitespace().next()?.split_once('-')?;
    let hex = |text| u64::from_str_radix(text, 16).ok();
    Some(hex(start)?..hex(end)?)
}

/// Begin and length of a function in the bytes of a vDSO: a small ELF file with a table of dynamic symbols.
pub fn symbol(image: &[u8], name: &str) -> Option<(u64, usize)> {
    let sections = number(image, 0x28, 8)? as usize;
    let count = number(image, 0x3c, 2)? as usize;
    let section = |at: usize| sections + 64 * at;
    let dynamic = (0..count).find(|at| number(image, section(*at) + 4, 4) == Some(DYNSYM))?;
    let field = |at: usize, place: usize| Some(number(image, section(at) + place, 8)? as usize);
    let names = number(image, section(dynamic) + 40, 4)? as usize;
    let (table, size) = (field(dynamic, 24)?, field(dynamic, 32)?);
    let names = field(names, 24)?;
    (0..size / 24).find_map(|at| {
        let entry = table + 24 * at;
        let text = image.get(names + number(image, entry, 4)? as usize..)?;
        let named = text.strip_prefix(name.as_bytes())?.first() == Some(&0);
        let (begin, length) = (number(image, entry + 8, 8)?, number(image, entry + 16, 8)?);
        named.then_some((begin, length as usize))
    })
}

/// Section type of the table of dynamic symbols.
const DYNSYM: u64 = 11;

fn number(image: &[u8], at: usize, bytes: usize) -> Option<u64> {
    let mut whole = [0; 8];
    whole[..bytes].copy_from_slice(image.get(at..at + bytes)?);
    Some(u64::from_le_bytes(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_clock_code_is_found_and_a_cut_one_is_refused() {
        let own = Image::open(&process::Identity::own().process).unwrap();
        let bytes = own.bytes().unwrap();
        let (at, length) = symbol(&bytes, "__vdso_clock_gettime").unwrap();
        assert!(at > 0 && length > 72, "{at} {length}");
        assert_eq!(symbol(&bytes, "__vdso_no_such"), None);
        assert_eq!(symbol(&bytes[..100], "__vdso_time"), None);
    }
}
