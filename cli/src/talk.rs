//! Talking to people, and to programs that asked for JSON.

use std::{
	error::Error,
	fmt::{self, Display},
	io::{self, BufRead, IsTerminal, Write},
	time::Duration,
};

use anyhow::{bail, Result};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

/// What a command has found or done, for people and for programs. As an error it is printed all the
/// same, and the exit code says that it is bad news.
#[derive(Debug)]
pub struct Answer {
	/// Lines for people.
	pub text: String,
	/// The same for programs.
	pub json: Value,
}

impl Display for Answer {
	fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
		write!(f, "{}", self.text)
	}
}

impl Error for Answer {}

/// How the person wants to be talked to. Everything but the answer goes to the error output.
pub struct Talk {
	/// Only the answer, as JSON.
	pub json: bool,
	yes: bool,
	bars: MultiProgress,
}

impl Talk {
	/// In JSON or not, without questions or with them.
	pub fn new(json: bool, yes: bool) -> Self {
		// Bars show nothing where there is no terminal.
		let target = if json { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
		Self { json, yes, bars: MultiProgress::with_draw_target(target) }
	}

	/// Says something on the way to the answer.
	pub fn say(&self, line: impl Display) {
		if !self.json {
			self.bars.suspend(|| eprintln!("{line}"));
		}
	}

	/// Asks whether to go on and send something.
	pub fn confirm(&self) -> Result<()> {
		self.confirm_to("send", "sent")
	}

	/// Asks whether to go on and do something.
	pub fn confirm_to(&self, act: &str, done: &str) -> Result<()> {
		if self.yes {
			return Ok(());
		}
		if self.json || !io::stdin().is_terminal() {
			bail!("Nothing was {done}, because there is nobody to ask: add --yes to {act} it.");
		}
		eprint!("Go on? [y/N] ");
		io::stderr().flush()?;
		let mut answer = String::new();
		io::stdin().lock().read_line(&mut answer)?;
		if !matches!(answer.trim(), "y" | "Y" | "yes") {
			bail!("Nothing was {done}.");
		}
		Ok(())
	}

	/// A bar that fills.
	pub fn bar(&self, length: u64, template: &str) -> ProgressBar {
		let style = ProgressStyle::with_template(template);
		let bar = self.bars.add(ProgressBar::new(length));
		bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
		bar
	}

	/// A sign of life.
	pub fn spinner(&self, message: impl Into<String>) -> ProgressBar {
		let spinner = self.bars.add(ProgressBar::new_spinner());
		spinner.set_message(message.into());
		spinner.enable_steady_tick(Duration::from_millis(200));
		spinner
	}
}
