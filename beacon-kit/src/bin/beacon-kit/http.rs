//! The HTTP server.

use std::{convert::Infallible, sync::Arc};

use anyhow::{bail, Context, Result};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
	body::{Bytes, Incoming},
	header::CONTENT_TYPE,
	server::conn::http1,
	service::service_fn,
	Method, Request, Response,
};
use hyper_util::rt::TokioIo;
use serde_json::{json, Value};
use tokio::net::TcpListener;

use crate::{
	answers::{self, Answer, Refusal},
	kit::{Shared, Stall},
};

const MAX_BODY: usize = 4096;

/// Serves for ever.
pub async fn serve(listener: TcpListener, shared: Arc<Shared>) -> Result<()> {
	loop {
		let (stream, _) = listener.accept().await?;
		let shared = shared.clone();
		let service = service_fn(move |request| respond(shared.clone(), request));
		let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
		tokio::spawn(connection);
	}
}

async fn respond(
	shared: Arc<Shared>,
	request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
	let uri = request.uri().clone();
	let answered = match *request.method() {
		Method::GET => answers::get(&shared.kit(), uri.path(), uri.query().unwrap_or_default()),
		Method::POST => control(&shared, uri.path(), request.into_body()).await,
		_ => Err((405, "Only GET and POST are answered".to_owned())),
	};
	Ok(response(answered))
}

/// Does what a test asks for, and answers with the status.
async fn control(shared: &Shared, path: &str, body: Incoming) -> Result<Answer, Refusal> {
	let refuse = |error: anyhow::Error| (400, format!("{error:#}"));
	let order = match path.strip_prefix("/kit/") {
		Some(order @ ("stall" | "reorg" | "jump" | "skip" | "participation")) => order,
		_ => return Err((404, format!("Route POST {path} not found"))),
	};
	let body = json_of(body).await.map_err(refuse)?;
	obey(shared, order, &body).await.map_err(refuse)?;
	Ok(Answer { body: answers::status(&shared.kit()), version: None })
}

async fn obey(shared: &Shared, order: &str, body: &Value) -> Result<()> {
	let number = |name: &str| {
		let value = body[name].as_u64();
		value.with_context(|| format!("The body must be {{\"{name}\": NUMBER}}"))
	};
	match order {
		"jump" => shared.jump(number("periods")?).await,
		"skip" => shared.skip(number("slots")?).await,
		"reorg" => shared.kit().reorganise(number("depth")? as usize),
		"participation" => shared.kit().set_signers(number("signers")?),
		_ => {
			shared.kit().stall = match body["what"].as_str() {
				Some("none") => Stall::None,
				Some("head") => Stall::Head,
				Some("finality") => Stall::Finality,
				_ => bail!("The body must be {{\"what\": \"none\" | \"head\" | \"finality\"}}"),
			};
			Ok(())
		}
	}
}

async fn json_of(body: Incoming) -> Result<Value> {
	let bytes = Limited::new(body, MAX_BODY).collect().await;
	let bytes = bytes.map_err(|error| anyhow::anyhow!("The body cannot be read: {error}"))?;
	serde_json::from_slice(&bytes.to_bytes()).context("The body must be JSON")
}

fn response(answered: Result<Answer, Refusal>) -> Response<Full<Bytes>> {
	let (status, body, version) = match answered {
		Ok(answer) => (200, answer.body, answer.version),
		Err((code, message)) => (code, json!({ "code": code, "message": message }), None),
	};
	let mut response = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
	if let Some(version) = version {
		response = response.header("Eth-Consensus-Version", version);
	}
	let body = Full::new(Bytes::from(body.to_string()));
	response.body(body).expect("status and headers are valid")
}
