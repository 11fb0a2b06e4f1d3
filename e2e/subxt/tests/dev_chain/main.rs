//! subxt knows the chain from the metadata of a running node alone, and can do what accounts do.

mod accounts;
mod bad_calls;
mod blocks;
mod chain;
mod node;
mod state;

use std::time::Duration;

use anyhow::{Context, Result};
use chain::Chain;
use node::DevNode;
use tokio::time::timeout;

/// All of it takes about two minutes.
const DEADLINE: Duration = Duration::from_secs(600);

#[tokio::test(flavor = "multi_thread")]
async fn subxt_does_what_accounts_do() -> Result<()> {
	let node = DevNode::start().await?;
	let chain = Chain::connect(node.url()).await?;
	timeout(DEADLINE, scenario(&chain)).await.context("The test took too long.")??;
	node.has_served();
	Ok(())
}

async fn scenario(chain: &Chain) -> Result<()> {
	state::metadata_names_the_chain(chain).await?;
	accounts::fund_the_senders(chain).await?;
	accounts::transfer(chain).await?;
	accounts::bond_and_nominate(chain).await?;
	accounts::create_and_join_a_pool(chain).await?;
	accounts::act_through_a_proxy(chain).await?;
	accounts::two_of_three(chain).await?;
	bad_calls::each_fails_with_its_error(chain).await?;
	state::every_storage_item_decodes(chain).await?;
	blocks::every_event_decodes(chain).await
}
