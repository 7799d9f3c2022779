//! The kernel's packet filter in the bridge family: through `libnftables` in this process, or the `nft` program without it.
//!
//! The library keeps one socket, and that socket can *own* a table: the kernel removes the table when the guard dies. A
//! program of its own cannot (the table would go when it ends); then only the element timeouts and the guard are left.
use libloading::{Library, Symbol};
use std::{
    ffi::{CStr, CString, c_char, c_int, c_uint, c_void},
    io::Write,
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
};

type Context = *mut c_void;

/// The library keeps its list of interface names in one place for all contexts, and empties it after each run: one run at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// One way to run nft commands.
pub enum Nft {
    /// In process: 0.2 ms a transaction, tables can be owned.
    Library(InProcess),
    /// One process each: 4 to 17 ms a transaction.
    Program,
}

/// An open library with its context.
pub struct InProcess {
    context: Context,
    library: Library,
}

// SAFETY: a context has no thread affinity; every use goes through `&mut self`.
unsafe impl Send for InProcess {}

impl Nft {
    /// Opens the library, or finds the program.
    ///
    /// # Errors
    /// Neither is there; says what to install.
    pub fn open() -> Result<Self, String> {
        let failed = match InProcess::open() {
            Ok(library) => return Ok(Self::Library(library)),
            Err(why) => why,
        };
        let mut program = Command::new("nft");
        let program = program.arg("--version").stdout(Stdio::null());
        match program.stderr(Stdio::null()).status() {
            Ok(status) if status.success() => Ok(Self::Program),
            _ => Err(format!(
                "find nftables: {failed}, and no `nft` program; install libnftables1"
            )),
        }
    }

    /// Flags of a table that the kernel removes when we die, where that can be had.
    pub fn table_flags(&self) -> &'static str {
        match self {
            Self::Library(_) => "flags owner;",
            Self::Program => "",
        }
    }

    /// Its name, for the report.
    pub fn backend(&self) -> &'static str {
        match self {
            Self::Library(_) => "libnftables, owner table",
            Self::Program => "nft program, no owner table",
        }
    }

    /// Runs commands as one transaction and gives what they print.
    ///
    /// # Errors
    /// What nft says; nothing was changed then.
    pub fn run(&mut self, commands: &str) -> Result<String, String> {
        match self {
            Self::Library(library) => library.run(commands),
            Self::Program => program(commands),
        }
    }
}

impl InProcess {
    fn open() -> Result<Self, String> {
        // SAFETY: libnftables has no initialisers with preconditions.
        let library = unsafe { Library::new("libnftables.so.1") }
            .map_err(|error| format!("no libnftables.so.1 ({error})"))?;
        let context = unsafe {
            // SAFETY: the signatures are those of nftables/libnftables.h.
            let new: Symbol<unsafe extern "C" fn(c_uint) -> Context> =
                get(&library, b"nft_ctx_new\0")?;
            new(0)
        };
        if context.is_null() {
            return Err("libnftables gave no context".to_owned());
        }
        let opened = Self { context, library };
        for name in [&b"nft_ctx_buffer_output\0"[..], b"nft_ctx_buffer_error\0"] {
            // SAFETY: signature as in the header; the context is alive as long as `opened`.
            unsafe {
                let buffer: Symbol<unsafe extern "C" fn(Context) -> c_int> =
                    get(&opened.library, name)?;
                buffer(opened.context);
            }
        }
        Ok(opened)
    }

    fn run(&mut self, commands: &str) -> Result<String, String> {
        let text = CString::new(commands).map_err(|error| error.to_string())?;
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: signature as in the header; `text` lives over the call.
        let code = unsafe {
            let run: Symbol<unsafe extern "C" fn(Context, *const c_char) -> c_int> =
                get(&self.library, b"nft_run_cmd_from_buffer\0")?;
            run(self.context, text.as_ptr())
        };
        // Reading a buffer empties it: read both, or the next call would see this one's words.
        let output = self.buffer(b"nft_ctx_get_output_buffer\0")?;
        let error = self.buffer(b"nft_ctx_get_error_buffer\0")?;
        if code == 0 {
            Ok(output)
        } else {
            Err(first_line(&error))
        }
    }

    fn buffer(&self, name: &[u8]) -> Result<String, String> {
        // SAFETY: signature as in the header; the text is copied before anything else uses the context.
        unsafe {
            let read: Symbol<unsafe extern "C" fn(Context) -> *const c_char> =
                get(&self.library, name)?;
            let text = read(self.context);
            if text.is_null() {
                return Ok(String::new());
            }
            Ok(CStr::from_ptr(text).to_string_lossy().into_owned())
        }
    }
}

impl Drop for InProcess {
    fn drop(&mut self) {
        // SAFETY: signature as in the header; nobody uses the context after this.
        unsafe {
            if let Ok(free) = get::<unsafe extern "C" fn(Context)>(&self.library, b"nft_ctx_free\0")
            {
                free(self.context);
            }
        }
    }
}

/// # Safety
/// `T` must be the symbol's signature.
unsafe fn get<'a, T>(library: &'a Library, name: &[u8]) -> Result<Symbol<'a, T>, String> {
    // SAFETY: passed on to the caller.
    unsafe { library.get(name) }.map_err(|error| format!("libnftables lacks a function ({error})"))
}

fn program(commands: &str) -> Result<String, String> {
    let piped = Stdio::piped;
    let mut child = Command::new("nft");
    let child = child.args(["-f", "-"]).stdin(piped()).stdout(piped());
    let mut child = child
        .stderr(piped())
        .spawn()
        .map_err(|error| format!("start nft: {error}"))?;
    if let Some(mut input) = child.stdin.take() {
        input
            .write_all(commands.as_bytes())
            .map_err(|error| error.to_string())?;
    }
    let done = child
        .wait_with_output()
        .map_err(|error| error.to_string())?;
    if done.status.success() {
        Ok(String::from_utf8_lossy(&done.stdout).into_owned())
    } else {
        Err(first_line(&String::from_utf8_lossy(&done.stderr)))
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or("no reason given").to_owned()
}
