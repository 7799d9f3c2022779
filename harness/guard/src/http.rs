//! One HTTP request over a socket of its own, and the status it got. Nothing else of the answer is needed, so nothing else is read.
use model::facts::Request;
use std::{
    fmt::Write as _,
    fs,
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// Refused for its credential.
pub const FORBIDDEN: u16 = 403;
/// Bound of one request, in each direction: a system that hangs must not hang the guard.
const PATIENCE: Duration = Duration::from_secs(1);
/// Longest wait for a server on the run's own bridge to accept: it does so within a millisecond, or is not there. Both together are
/// less than the 2 s within which everything must be undone, since an act under way is waited for.
const REACH: Duration = Duration::from_millis(500);

/// Sends `request` and gives the status of its answer.
///
/// # Errors
/// Nobody answers in time, or something that is no HTTP.
pub fn status(request: &Request) -> Result<u16, String> {
    ask(request).map_err(|why| format!("{} {}: {why}", request.method, request.at))
}

fn ask(request: &Request) -> Result<u16, String> {
    let at: SocketAddr = request.at.parse().map_err(|error| format!("{error}"))?;
    let said = |error: std::io::Error| error.to_string();
    let mut stream = TcpStream::connect_timeout(&at, REACH).map_err(said)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(said)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(said)?;
    let body = request.body.as_ref().map(fs::read).transpose();
    let body = body.map_err(said)?.unwrap_or_default();
    let head = head(request, body.len());
    stream.write_all(head.as_bytes()).map_err(said)?;
    stream.write_all(&body).map_err(said)?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).map_err(said)?;
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
    status.ok_or_else(|| format!("answered `{}`", line.trim_end()))
}

fn head(request: &Request, length: usize) -> String {
    let mut head = format!(
        "{} {} HTTP/1.1\r\nHost: {}\r\nContent-Length: {length}\r\nConnection: close\r\n",
        request.method, request.path, request.at
    );
    for (name, value) in &request.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{io::Read as _, net::TcpListener, thread};

    #[test]
    fn a_body_comes_from_its_file_with_its_length() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut told = vec![0; 4096];
            let mut length = 0;
            while !told[..length].ends_with(b"secret") {
                length += stream.read(&mut told[length..]).unwrap();
            }
            stream.write_all(b"HTTP/1.1 204 X\r\n\r\n").unwrap();
            String::from_utf8_lossy(&told[..length]).into_owned()
        });
        let file = std::env::temp_dir().join(format!("brinell-body-{}", std::process::id()));
        fs::write(&file, "secret").unwrap();
        let request = Request {
            at,
            method: "PUT".into(),
            path: "/x".into(),
            headers: vec![],
            body: Some(file.to_string_lossy().into_owned()),
        };
        assert_eq!(status(&request), Ok(204));
        fs::remove_file(&file).unwrap();
        let told = server.join().unwrap();
        assert!(told.starts_with("PUT /x HTTP/1.1\r\n") && told.contains("Content-Length: 6\r\n"));
    }
}
