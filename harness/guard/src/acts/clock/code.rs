//! The machine code that replaces a process's clock code (x86-64): the real system call, and an offset added to what it gives.
//!
//! The offset (seconds, nanoseconds) lies behind the first function, where one write of 16 bytes changes it for all three.
//! CLOCK_REALTIME (0), CLOCK_REALTIME_COARSE (5) and CLOCK_TAI (11) are shifted, the others are as they are.

/// `clock_gettime(edi = clock, rsi = timespec)`, then the offset.
/// ```text
///  0: b8 e4 00 00 00        mov  $228,%eax
///  5: 0f 05                 syscall
///  7: 85 c0                 test %eax,%eax
///  9: 75 25                 jne  30
///  b: 85 ff                 test %edi,%edi
///  d: 74 0a                 je   19
///  f: 83 ff 05              cmp  $5,%edi
/// 12: 74 05                 je   19
/// 14: 83 ff 0b              cmp  $11,%edi
/// 17: 75 17                 jne  30
/// 19: 48 8b 05 18 00 00 00  mov  0x18(%rip),%rax    # 38: seconds
/// 20: 48 01 06              add  %rax,(%rsi)
/// 23: 48 8b 05 16 00 00 00  mov  0x16(%rip),%rax    # 40: nanoseconds
/// 2a: 48 01 46 08           add  %rax,8(%rsi)
/// 2e: 31 c0                 xor  %eax,%eax
/// 30: c3                    ret
/// 31: 0f 1f 80 00 00 00 00  nop
/// 38: the offset, 16 bytes
/// ```
pub const GETTIME: [u8; 72] = [
    0xb8, 0xe4, 0, 0, 0, 0x0f, 0x05, 0x85, 0xc0, 0x75, 0x25, 0x85, 0xff, 0x74, 0x0a, 0x83, 0xff,
    0x05, 0x74, 0x05, 0x83, 0xff, 0x0b, 0x75, 0x17, 0x48, 0x8b, 0x05, 0x18, 0, 0, 0, 0x48, 0x01,
    0x06, 0x48, 0x8b, 0x05, 0x16, 0, 0, 0, 0x48, 0x01, 0x46, 0x08, 0x31, 0xc0, 0xc3, 0x0f, 0x1f,
    0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];
/// Where the offset lies in it.
pub const OFFSET: u64 = 0x38;

/// `gettimeofday(rdi = timeval)`, then the seconds of the offset; the four bytes at 13 are the way to it from 17.
/// ```text
///  0: b8 60 00 00 00        mov  $96,%eax
///  5: 0f 05                 syscall
///  7: 85 c0                 test %eax,%eax
///  9: 75 11                 jne  1c
///  b: 48 85 ff              test %rdi,%rdi
///  e: 74 0c                 je   1c
/// 10: 48 8b 05 .. .. .. ..  mov  offset(%rip),%rax
/// 17: 48 01 07              add  %rax,(%rdi)
/// 1a: 31 c0                 xor  %eax,%eax
/// 1c: c3                    ret
/// ```
pub const TIMEOFDAY: [u8; 29] = [
    0xb8, 0x60, 0, 0, 0, 0x0f, 0x05, 0x85, 0xc0, 0x75, 0x11, 0x48, 0x85, 0xff, 0x74, 0x0c, 0x48,
    0x8b, 0x05, 0, 0, 0, 0, 0x48, 0x01, 0x07, 0x31, 0xc0, 0xc3,
];

/// `time(rdi = where to, or null)`, with the seconds of the offset; the four bytes at e are the way to it from 12.
/// ```text
///  0: 57                    push %rdi
///  1: b8 c9 00 00 00        mov  $201,%eax
///  6: 31 ff                 xor  %edi,%edi
///  8: 0f 05                 syscall
///  a: 5f                    pop  %rdi
///  b: 48 03 05 .. .. .. ..  add  offset(%rip),%rax
/// 12: 48 85 ff              test %rdi,%rdi
/// 15: 74 03                 je   1a
/// 17: 48 89 07              mov  %rax,(%rdi)
/// 1a: c3                    ret
/// ```
pub const TIME: [u8; 27] = [
    0x57, 0xb8, 0xc9, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05, 0x5f, 0x48, 0x03, 0x05, 0, 0, 0, 0, 0x48,
    0x85, 0xff, 0x74, 0x03, 0x48, 0x89, 0x07, 0xc3,
];

/// A function of the clock code, what replaces it, and where the way to the offset stands in that, if anywhere.
pub struct Part {
    /// Its name.
    pub symbol: &'static str,
    /// What replaces it.
    pub code: &'static [u8],
    /// Place of the four bytes; they count from behind them.
    pub way: Option<usize>,
}

/// All of them, the one with the offset first.
pub const PARTS: [Part; 3] = [
    Part {
        symbol: "__vdso_clock_gettime",
        code: &GETTIME,
        way: None,
    },
    Part {
        symbol: "__vdso_gettimeofday",
        code: &TIMEOFDAY,
        way: Some(0x13),
    },
    Part {
        symbol: "__vdso_time",
        code: &TIME,
        way: Some(0x0e),
    },
];

/// The code of a part for a process in which it begins at `at` and the offset lies at `offset`.
pub fn placed(part: &Part, at: u64, offset: u64) -> Vec<u8> {
    let mut code = part.code.to_vec();
    if let Some(way) = part.way {
        let from = at + way as u64 + 4;
        let distance = offset.wrapping_sub(from) as i32;
        code[way..way + 4].copy_from_slice(&distance.to_le_bytes());
    }
    code
}

/// The 16 bytes of an offset.
pub fn offset(by_s: i64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&by_s.to_le_bytes());
    bytes
}
