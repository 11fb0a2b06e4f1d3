//! `openledger-cli`: the record of who contributed what, from a terminal.

mod args;
mod batch;
mod chain;
mod cli;
mod commands;
mod contribute;
mod files;
mod metadata;
mod rpc;
mod sales;
mod sending;
mod state;
mod talk;
mod vouchers;

use std::{
	io::{self, Write},
	process::ExitCode,
};

use anyhow::{Context, Error, Result};
use clap::Parser;
use serde_json::json;

use cli::Cli;
use metadata::Refused;
use talk::{Answer, Talk};

fn main() -> ExitCode {
	let cli = Cli::parse();
	let talk = Talk::new(cli.global.json, cli.global.yes);
	let (answer, code) = match run(&cli, &talk).map_err(Error::downcast::<Answer>) {
		Ok(answer) => (answer, ExitCode::SUCCESS),
		Err(Ok(bad_news)) => (bad_news, ExitCode::FAILURE),
		Err(Err(error)) => {
			complain(&error, talk.json);
			return ExitCode::FAILURE;
		}
	};
	let Answer { text, json } = answer;
	let answer = if talk.json { json.to_string() } else { text };
	match writeln!(io::stdout(), "{answer}") {
		// Who reads only the beginning has closed the rest.
		Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
		_ => code,
	}
}

fn run(cli: &Cli, talk: &Talk) -> Result<Answer> {
	let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
	runtime.context("The system gives no threads")?.block_on(commands::run(cli, talk))
}

/// Says what went wrong, with every cause, and by which name the chain calls it.
fn complain(error: &Error, as_json: bool) {
	let sentence = format!("{error:#}");
	if as_json {
		let name = error.downcast_ref::<Refused>().map(|refused| &refused.name);
		eprintln!("{}", json!({ "error": sentence, "name": name }));
	} else {
		eprintln!("Error: {sentence}");
	}
}
