//! JSON-RPC over a WebSocket, one request after the other: the commands wait for each answer anyway.

use std::{
	collections::{HashMap, VecDeque},
	fmt,
	time::Duration,
};

use anyhow::{anyhow, bail, Context, Result};
use futures::{SinkExt, StreamExt};
use serde::{de::DeserializeOwned, Deserialize};
use serde_json::{json, Value};
use tokio::{net::TcpStream, sync::Mutex, time::timeout};
use tokio_tungstenite::{connect_async, tungstenite::Message, MaybeTlsStream, WebSocketStream};

/// How long an answer may take; a transaction's way into a block takes longer, and is no answer.
const PATIENCE: Duration = Duration::from_secs(60);

const LOST: &str =
	"The connection to the node was lost. Look what was carried out, then say the same again.";

/// A connection to a node.
pub struct Rpc(Mutex<Connection>);

struct Connection {
	socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
	requests: u64,
	/// What subscriptions have brought while something else was waited for.
	news: HashMap<String, VecDeque<Value>>,
}

/// What a node sends.
#[derive(Deserialize)]
struct Incoming {
	id: Option<u64>,
	result: Option<Value>,
	error: Option<Refusal>,
	params: Option<News>,
}

#[derive(Deserialize)]
struct News {
	subscription: Value,
	result: Value,
}

/// Why a node does not answer.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct Refusal {
	/// In short.
	pub message: String,
	/// At length.
	pub data: Option<Value>,
}

impl fmt::Display for Refusal {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		match &self.data {
			Some(Value::String(data)) => write!(f, "{data}"),
			_ => write!(f, "{}", self.message),
		}
	}
}

impl std::error::Error for Refusal {}

impl Rpc {
	/// Connects to a node.
	pub async fn connect(url: &str) -> Result<Self> {
		// Needed where this program is built alone; where something else has chosen, that is fine too.
		let _ = rustls::crypto::ring::default_provider().install_default();
		let connected = timeout(PATIENCE, connect_async(url)).await;
		let (socket, _) = connected.map_err(|_| anyhow!("it took too long"))??;
		Ok(Self(Mutex::new(Connection { socket, requests: 0, news: HashMap::new() })))
	}

	/// Asks for something.
	pub async fn request<T: DeserializeOwned>(&self, method: &str, params: Value) -> Result<T> {
		let mut connection = self.0.lock().await;
		let answer = timeout(PATIENCE, connection.request(method, params)).await;
		let answer =
			answer.map_err(|_| anyhow!("The node has not answered {method} in a minute."))??;
		serde_json::from_value(answer)
			.with_context(|| format!("The node's answer to {method} is strange"))
	}

	/// The next news of a subscription.
	pub async fn news<T: DeserializeOwned>(&self, subscription: &Value) -> Result<T> {
		let mut connection = self.0.lock().await;
		let key = subscription.to_string();
		loop {
			if let Some(news) = connection.news.get_mut(&key).and_then(VecDeque::pop_front) {
				return serde_json::from_value(news).context("The node's news are strange");
			}
			match timeout(PATIENCE, connection.read()).await {
				Ok(incoming) => connection.keep(incoming?),
				// A node that is gone without a word must not be waited for for ever.
				Err(_) => {
					let alive = connection.request("system_health", json!([]));
					timeout(PATIENCE, alive).await.context(LOST)??;
				}
			}
		}
	}
}

impl Connection {
	async fn request(&mut self, method: &str, params: Value) -> Result<Value> {
		self.requests = self.requests.wrapping_add(1);
		let id = self.requests;
		let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
		self.socket.send(Message::text(request.to_string())).await.context(LOST)?;
		loop {
			let incoming = self.read().await?;
			if incoming.id != Some(id) {
				self.keep(incoming);
				continue;
			}
			return match incoming.error {
				Some(refusal) => Err(refusal.into()),
				None => Ok(incoming.result.unwrap_or(Value::Null)),
			};
		}
	}

	async fn read(&mut self) -> Result<Incoming> {
		loop {
			match self.socket.next().await.context(LOST)?.context(LOST)? {
				Message::Text(text) => {
					return serde_json::from_str(&text).context("The node speaks no JSON-RPC");
				}
				Message::Close(_) => bail!(LOST),
				_ => {}
			}
		}
	}

	fn keep(&mut self, incoming: Incoming) {
		if let Some(News { subscription, result }) = incoming.params {
			self.news.entry(subscription.to_string()).or_default().push_back(result);
		}
	}
}

#[cfg(test)]
mod tests {
	use super::*;
	use tokio::{net::TcpListener, runtime::Runtime};
	use tokio_tungstenite::accept_async;

	/// A node that sends these lines after each request.
	async fn node(answers: Vec<Vec<&'static str>>) -> (String, tokio::task::JoinHandle<()>) {
		let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
		let url = format!("ws://{}", listener.local_addr().unwrap());
		let served = tokio::spawn(async move {
			let (stream, _) = listener.accept().await.unwrap();
			let mut socket = accept_async(stream).await.unwrap();
			for lines in answers {
				socket.next().await.unwrap().unwrap();
				for line in lines {
					socket.send(Message::text(line)).await.unwrap();
				}
			}
		});
		(url, served)
	}

	#[test]
	fn answers_and_news_are_told_apart() {
		Runtime::new().unwrap().block_on(async {
			let (url, _) = node(vec![
				vec![r#"{"jsonrpc":"2.0","id":1,"result":"abc"}"#],
				vec![
					r#"{"jsonrpc":"2.0","method":"x","params":{"subscription":"abc","result":1}}"#,
					r#"{"jsonrpc":"2.0","id":2,"result":null}"#,
					r#"{"jsonrpc":"2.0","method":"x","params":{"subscription":"abc","result":2}}"#,
				],
			])
			.await;
			let rpc = Rpc::connect(&url).await.unwrap();
			let subscription: Value = rpc.request("subscribe", json!([])).await.unwrap();
			assert_eq!(rpc.request::<Option<u32>>("ask", json!([])).await.unwrap(), None);
			assert_eq!(rpc.news::<u32>(&subscription).await.unwrap(), 1);
			assert_eq!(rpc.news::<u32>(&subscription).await.unwrap(), 2);
			assert!(rpc.news::<u32>(&subscription).await.unwrap_err().to_string().contains("lost"));
		});
	}

	#[test]
	fn a_refusal_says_why() {
		Runtime::new().unwrap().block_on(async {
			let (url, _) = node(vec![vec![
				r#"{"jsonrpc":"2.0","id":1,"error":{"code":1010,"message":"Invalid","data":"No money"}}"#,
			]])
			.await;
			let rpc = Rpc::connect(&url).await.unwrap();
			let error = rpc.request::<Value>("ask", json!([])).await.unwrap_err();
			assert_eq!(error.to_string(), "No money");
			assert!(rpc.request::<Value>("ask", json!([])).await.is_err());
		});
	}
}
