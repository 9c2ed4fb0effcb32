//! A local server that answers each request by a closure.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

type Script = dyn Fn(&str, usize) -> (u16, String) + Send + Sync;

/// Runs until the test ends.
pub(super) struct Local {
    pub(super) url: String,
    pub(super) port: u16,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Local {
    /// The script is given the request as it came, and how many came before it.
    pub(super) async fn serve(script: impl Fn(&str, usize) -> (u16, String) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let (kept, script): (_, Arc<Script>) = (Arc::clone(&seen), Arc::new(script));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(one(stream, Arc::clone(&kept), Arc::clone(&script)));
            }
        });
        Self { url: format!("http://127.0.0.1:{port}"), port, seen }
    }

    /// Every request so far, head and body.
    pub(super) fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("a lock").clone()
    }
}

async fn one(mut stream: TcpStream, seen: Arc<Mutex<Vec<String>>>, script: Arc<Script>) {
    let mut bytes = Vec::new();
    let request = loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                break text;
            }
        }
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    };
    let before = {
        let mut seen = seen.lock().expect("a lock");
        seen.push(request.clone());
        seen.len() - 1
    };
    let (status, body) = script(&request, before);
    // A status of the 300s leads elsewhere.
    let head = format!(
        "HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\nLocation: /elsewhere\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await;
    let _ = stream.shutdown().await;
}
