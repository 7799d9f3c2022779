//! One question to the service, without retries, and what its answer must be: an answer that is not right is none.
use super::image::CATEGORIES;
use serde_json::{Value, json};

/// Merchants of one question.
const ASKED: u64 = 3;
/// Merchants that there are, for questions that differ.
const MERCHANTS: u64 = 10_000;

/// The category of a merchant, from its id alone; the service has the same rule.
fn category(merchant: &str) -> &'static str {
    let count = CATEGORIES.lines().count().max(1);
    let place = crc32fast::hash(merchant.as_bytes()) as usize % count;
    CATEGORIES.lines().nth(place).unwrap_or_default()
}

/// The merchants of question `number`: other ones than those of the questions before, so that an old answer is noticed.
fn merchants(number: u64) -> Vec<String> {
    let first = number.wrapping_mul(ASKED);
    (0..ASKED)
        .map(|next| format!("m-{:04}", first.wrapping_add(next) % MERCHANTS))
        .collect()
}

/// What the service must say of these merchants.
fn expected(merchants: &[String]) -> Value {
    let of = |merchant: &String| (merchant.clone(), json!({"category": category(merchant)}));
    Value::Object(merchants.iter().map(of).collect())
}

/// Asks question `number` at `host:port`; an error is its short class.
pub(super) async fn ask(http: &reqwest::Client, at: &str, number: u64) -> Result<(), String> {
    let merchants = merchants(number);
    let path = format!("/merchants?ids={}", merchants.join(","));
    if json(http, at, &path).await? == expected(&merchants) {
        Ok(())
    } else {
        Err("wrong-answer".into())
    }
}

/// What a path answers; an error is its short class.
pub(super) async fn json(http: &reqwest::Client, at: &str, path: &str) -> Result<Value, String> {
    let asked = http.get(format!("http://{at}{path}")).send().await;
    let answer = asked.map_err(|error| class(&error))?;
    if !answer.status().is_success() {
        return Err(format!("http-{}", answer.status().as_u16()));
    }
    answer.json().await.map_err(|error| class(&error))
}

fn class(error: &reqwest::Error) -> String {
    let class = match error {
        error if error.is_timeout() => "timeout",
        error if error.is_connect() => "refused",
        error if error.is_decode() => "wrong-answer",
        _ => "closed",
    };
    class.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::connections;
    use std::time::Duration;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    /// What question 0 comes to where the service says `says` to whatever it is asked.
    async fn told(says: String) -> Result<(), String> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap().to_string();
        let service = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await.unwrap();
            stream.write_all(says.as_bytes()).await.unwrap();
        };
        let http = connections(Duration::from_secs(5)).unwrap();
        tokio::join!(ask(&http, &at, 0), service).0
    }

    fn answer(status: &str, body: &str) -> String {
        let length = body.len();
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n{body}")
    }

    #[tokio::test]
    async fn only_the_right_answer_counts() {
        let right = expected(&merchants(0)).to_string();
        assert_eq!(told(answer("200 OK", &right)).await, Ok(()));
        let other = expected(&merchants(1)).to_string();
        let cut = &right[..right.len() - 1];
        for (says, class) in [
            (answer("200 OK", &other), "wrong-answer"),
            (answer("200 OK", cut), "wrong-answer"),
            (answer("503 Busy", &right), "http-503"),
            (String::new(), "closed"),
        ] {
            assert_eq!(told(says).await, Err(class.into()));
        }
    }

    #[test]
    fn a_merchant_keeps_its_category() {
        let of = |merchant: &str| category(merchant);
        assert_eq!(
            [of("m-0001"), of("m-0002"), of("m-9999")],
            ["travel", "groceries", "electronics"]
        );
    }

    #[test]
    fn all_categories_occur_and_questions_differ() {
        let all: Vec<String> = (0..100).flat_map(merchants).collect();
        for name in CATEGORIES.lines() {
            assert!(all.iter().any(|one| category(one) == name), "{name}");
        }
        assert_eq!(merchants(0), ["m-0000", "m-0001", "m-0002"]);
        assert_ne!(merchants(u64::MAX), merchants(0));
    }
}
