//! `content`: files and their chunks.

use std::{
	fs,
	fs::File,
	io::{Read, Seek, SeekFrom},
	path::Path,
};

use anyhow::{bail, Context, Result};
use openledger_primitives::{
	content::{chunks, verify_chunk, ChunkProof, ContentId, CHUNK},
	records::ContributionRef,
};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};
use sp_core::Bytes;

use super::contribution;
use crate::{
	args::{show_contribution, show_hash},
	chain::Chain,
	cli::{content::Content, Global},
	files,
	talk::Answer,
};

/// A proof as it is written to a file: everything that is needed to verify it.
#[derive(Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct Proof {
	content: ContentId,
	size: u64,
	index: u32,
	chunk: Bytes,
	proof: ChunkProof,
}

impl Proof {
	fn holds(&self) -> bool {
		verify_chunk(self.content, self.size, self.index, &self.chunk, &self.proof)
	}
}

/// Does what was asked.
pub async fn run(command: &Content, global: &Global) -> Result<Answer> {
	match command {
		Content::Id { files } => {
			let named = files.iter().map(|file| named(file)).collect::<Result<Vec<_>>>()?;
			let (lines, json): (Vec<_>, Vec<_>) = named.into_iter().unzip();
			Ok(Answer { text: lines.join("\n"), json: Value::Array(json) })
		}
		Content::Prove { file, chunk, out } => {
			let json = serde_json::to_value(prove(file, *chunk)?)?;
			let pretty = serde_json::to_string_pretty(&json)?;
			let Some(out) = out else { return Ok(Answer { text: pretty, json }) };
			fs::write(out, pretty)
				.with_context(|| format!("The proof cannot be written to {}", out.display()))?;
			Ok(Answer { text: format!("The proof is in {}.", out.display()), json })
		}
		Content::Verify { proof, contribution } => verify(proof, *contribution, global).await,
	}
}

fn named(file: &Path) -> Result<(String, Value)> {
	let (content, size) = files::name(file, drop)?;
	let (content, chunks, file) = (show_hash(content.0), chunks(size), file.display());
	let line = format!("{content}  {size} bytes  {chunks} chunks  {file}");
	let json = json!({
		"file": file.to_string(),
		"content": content,
		"size": size,
		"chunks": chunks,
	});
	Ok((line, json))
}

fn prove(file: &Path, index: u32) -> Result<Proof> {
	let tree = files::tree(file, drop)?;
	let (Some(content), Some(proof)) = (tree.id(), tree.prove(index)) else {
		bail!(
			"The file {} has {} chunks, counted from 0: there is no chunk {index}.",
			file.display(),
			chunks(tree.size()),
		);
	};
	let mut bytes = Vec::new();
	let mut file = File::open(file)?;
	file.seek(SeekFrom::Start(u64::from(index).saturating_mul(CHUNK as u64)))?;
	file.take(CHUNK as u64).read_to_end(&mut bytes)?;
	Ok(Proof { content, size: tree.size(), index, chunk: Bytes(bytes), proof })
}

async fn verify(file: &Path, place: Option<ContributionRef>, global: &Global) -> Result<Answer> {
	let written = fs::read_to_string(file)
		.with_context(|| format!("The proof {} cannot be read", file.display()))?;
	let proof: Proof = serde_json::from_str(&written).with_context(|| {
		format!("{} is no proof that `content prove` has written", file.display())
	})?;
	if !proof.holds() {
		bail!("The proof does not hold: that chunk is not at that place of that content.");
	}
	let content = show_hash(proof.content.0);
	let mut text = format!(
		"It holds: these {} bytes are chunk {} of the content {content} of {} bytes",
		proof.chunk.len(),
		proof.index,
		proof.size,
	);
	let mut json = json!({
		"holds": true,
		"content": content,
		"size": proof.size,
		"index": proof.index,
		"contribution": Value::Null,
	});
	if let Some(at) = place {
		let chain = Chain::connect(&global.url()).await?;
		let work = contribution(&chain.best().await?, at).await?.work;
		let place = show_contribution(at);
		if (work.content, work.size) != (proof.content, proof.size) {
			bail!(
				"The proof holds, but for another content: {place} is {} of {} bytes.",
				show_hash(work.content.0),
				work.size,
			);
		}
		text = format!("{text}, which is the contribution {place}");
		if let Value::Object(fields) = &mut json {
			fields.insert("contribution".into(), place.into());
		}
	}
	Ok(Answer { text: format!("{text}."), json })
}

#[cfg(test)]
mod tests {
	use super::*;

	#[test]
	fn a_proof_survives_being_written_and_holds_for_nothing_else() {
		let folder = tempfile::tempdir().unwrap();
		let file = folder.path().join("file");
		fs::write(&file, (0..5_000).map(|index| (index / 9) as u8).collect::<Vec<_>>()).unwrap();
		for index in 0..5 {
			let proof = prove(&file, index).unwrap();
			let written = serde_json::to_string(&proof).unwrap();
			let mut read: Proof = serde_json::from_str(&written).unwrap();
			assert_eq!(read, proof);
			assert!(read.holds());
			read.chunk.0[0] ^= 1;
			assert!(!read.holds());
		}
		let error = prove(&file, 5).unwrap_err().to_string();
		assert!(error.contains("5 chunks") && error.contains("no chunk 5"), "{error}");
	}
}
