//! More than one lane: two models, a datanet with reviewers beside the open one, versions that were
//! trained on both, and batches by operators of every kind.

use super::*;
use frame_support::assert_ok;
use openledger_primitives::{
	content::ContentTree,
	records::{ContributionKind, ContributionRef, DatanetId, Epoch, Licence, Snapshot},
	units::{MILLI_OPEN, OPEN},
};
use openledger_settlement::{
	build::{Batch as Built, Rule},
	chain::Chain,
	execute::{execute, Context, Failure},
	parties::Voucher,
	price::fee,
	receipt::{Core, Receipt},
	retrieval::{credits, matches, Citation, Citations},
	sample::Random,
	state::State,
	voucher::{message, Bought},
	STEP,
};
use pallet_datanets::{Admission, Policy, Reveal, Vote};
use pallet_model_registry::NewVersion;
use sp_core::{sr25519, ByteArray, Pair};
use sp_runtime::MultiSignature;
use std::sync::{Mutex, OnceLock};

/// Models that are sold. They have another version than that of most tests: [`TRAINED`].
pub const MODELS: [ModelId; 2] = [ANCESTOR, MODEL];
/// Their version that was trained on both datanets.
pub const TRAINED: VersionNumber = 1;
/// The datanet with reviewers.
pub const REVIEWED: DatanetId = 1;
/// How many contributions it has.
pub const REVIEWED_LENGTH: u32 = 20;
/// Its reviewers, who have accepted all of it.
pub const CURATORS: [&str; 3] = ["curator-1", "curator-2", "curator-3"];
/// Who has contributed the first half of it; the other is the first datanet's contributor.
pub const SECOND: &str = "watcher";

static KEYS: Mutex<BTreeMap<String, sr25519::Pair>> = Mutex::new(BTreeMap::new());

/// The key of somebody, derived once: that is slow.
pub fn pair(name: &str) -> sr25519::Pair {
	let mut keys = KEYS.lock().unwrap();
	keys.entry(name.into()).or_insert_with(|| key(name)).clone()
}

/// The account of somebody.
pub fn who(name: &str) -> AccountId {
	AccountId::from_slice(pair(name).public().as_slice()).unwrap()
}

/// The names of payers, by ascending account.
pub fn names() -> &'static [String] {
	static NAMES: OnceLock<Vec<String>> = OnceLock::new();
	NAMES.get_or_init(|| payers(PAYERS))
}

/// The key of an account that somebody was asked for before.
fn pair_of(account: &AccountId) -> sr25519::Pair {
	let keys = KEYS.lock().unwrap();
	let bytes: &[u8] = account.as_ref();
	keys.values().find(|pair| pair.public().as_slice() == bytes).unwrap().clone()
}

/// What people decide by chance.
pub trait Chance {
	fn chance(&mut self, percent: u32) -> bool;
	fn pick<Item: Clone>(&mut self, items: &[Item]) -> Option<Item>;
	fn shuffle<Item>(&mut self, items: &mut [Item]);
}

impl Chance for Random {
	fn chance(&mut self, percent: u32) -> bool {
		self.below(100) < percent
	}

	fn pick<Item: Clone>(&mut self, items: &[Item]) -> Option<Item> {
		(!items.is_empty()).then(|| items[self.below(items.len() as u32) as usize].clone())
	}

	fn shuffle<Item>(&mut self, items: &mut [Item]) {
		for left in (1..items.len()).rev() {
			items.swap(left, self.below(left as u32 + 1) as usize);
		}
	}
}

/// What a contribution says.
pub fn text(datanet: DatanetId, index: u32) -> Vec<u8> {
	content(datanet * 1_000 + index)
}

/// Both datanets as they are in the versions.
fn snapshots() -> Vec<Snapshot> {
	vec![
		Snapshot { datanet: DATANET, length: LENGTH },
		Snapshot { datanet: REVIEWED, length: REVIEWED_LENGTH },
	]
}

/// Opens the second lane: two curators decide what comes into its datanet.
pub fn open_market(curators: Permill) {
	for name in CURATORS {
		let call = pallet_balances::Call::<Test>::transfer_keep_alive {
			dest: who(name),
			value: 10_000 * OPEN,
		};
		assert_ok!(dispatch("stranger", call));
	}
	let policy = Policy {
		admission: Admission::Reviewed { quorum: 2, period: 20 },
		bond: 100 * MILLI_OPEN,
		curator_share: curators,
	};
	let licence = Licence::PublicDomain;
	let (name, description, tags, uri) = (b"reviewed".to_vec(), vec![], vec![], vec![]);
	let create = pallet_datanets::Call::<Test>::create_datanet {
		licence,
		policy,
		name,
		description,
		tags,
		uri,
	};
	assert_ok!(dispatch("datanet-owner", create));
	for name in CURATORS {
		let invite = pallet_datanets::Call::<Test>::invite_reviewer {
			datanet: REVIEWED,
			reviewer: who(name),
		};
		assert_ok!(dispatch("datanet-owner", invite));
		let join = pallet_datanets::Call::<Test>::join_reviewers { datanet: REVIEWED };
		assert_ok!(dispatch(name, join));
	}
	review(policy);
	for (owner, model, parents) in [("ancestor", ANCESTOR, vec![]), ("owner", MODEL, vec![1])] {
		let version = NewVersion { snapshots: snapshots(), ..version(parents) };
		let add = pallet_model_registry::Call::<Test>::add_version { model, version };
		assert_ok!(dispatch(owner, add));
	}
	appoint(ANCESTOR, "operator", BOND);
	for name in names() {
		let open = pallet_rewards::Call::<Test>::open_entry {
			model: ANCESTOR,
			amount: nano(5_000),
			signer: None,
		};
		assert_ok!(dispatch(name, open));
	}
}

/// Has everything of the second datanet contributed and accepted.
fn review(policy: Policy) {
	let mut precedences = Vec::new();
	for index in 0..REVIEWED_LENGTH {
		let name = if index < REVIEWED_LENGTH / 2 { SECOND } else { "contributor" };
		let tree = ContentTree::of(&text(REVIEWED, index));
		let (content, salt) = (tree.id().unwrap(), H256::zero());
		let hash = pallet_datanets::commitment_hash(content, salt, &who(name));
		let commitments = vec![hash].try_into().unwrap();
		assert_ok!(dispatch(name, pallet_datanets::Call::<Test>::commit { commitments }));
		let commitment = pallet_datanets::Commitments::<Test>::get(who(name), hash).unwrap();
		precedences.push(commitment.precedence);
		let reveal = Reveal {
			content,
			salt,
			size: tree.size(),
			kind: ContributionKind::Data,
			licence: Licence::PublicDomain,
			uri: vec![],
			subject: None,
		};
		let reveals = vec![reveal].try_into().unwrap();
		let reveal =
			pallet_datanets::Call::<Test>::reveal { datanet: REVIEWED, agreed: policy, reveals };
		assert_ok!(dispatch(name, reveal));
	}
	for name in &CURATORS[..2] {
		let votes: Vec<_> = precedences.iter().map(|at| (*at, Vote::Approve)).collect();
		let vote = pallet_datanets::Call::<Test>::vote {
			datanet: REVIEWED,
			votes: votes.try_into().unwrap(),
		};
		assert_ok!(dispatch(name, vote));
	}
	pass(3);
	let contributions = precedences.try_into().unwrap();
	let accept = pallet_datanets::Call::<Test>::accept { datanet: REVIEWED, contributions };
	assert_ok!(dispatch("stranger", accept));
}

/// Who owns a model.
pub fn owner_of(model: ModelId) -> AccountId {
	pallet_model_registry::Models::<Test>::get(model).unwrap().owner
}

/// Has somebody operate a model, with this bond.
pub fn appoint(model: ModelId, name: &str, bond: Balance) {
	let appoint =
		pallet_model_registry::Call::<Test>::appoint_operator { model, operator: who(name) };
	assert_ok!(dispatch_by(owner_of(model), appoint));
	assert_ok!(dispatch(
		name,
		pallet_model_registry::Call::<Test>::accept_operation { model, bond }
	));
}

/// How an operator executes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Way {
	/// By the rule.
	Honest,
	/// Keeps the stakers' part for the model.
	Stingy,
	/// As if nothing were private.
	Indiscreet,
	/// Each step in the reverse order.
	Backwards,
	/// Takes a nano-OPEN from the stakers in the step that has this output.
	Stealing(H256),
	/// Has committed to a fee that is one too high where the output is this, executes the right one.
	Overcharging(H256),
}

impl Rule for Way {
	fn execute<S: State>(
		&self,
		context: &Context,
		chain: &Chain,
		state: &mut S,
		receipts: &[Receipt],
	) -> Result<(), Failure<S::Error>> {
		let (mut context, mut receipts) = (context.clone(), receipts.to_vec());
		match self {
			Self::Honest | Self::Stealing(_) => {}
			Self::Stingy => context.terms.stakers = Permill::zero(),
			Self::Indiscreet => receipts.iter_mut().for_each(|one| one.core.private = false),
			Self::Backwards => receipts.reverse(),
			Self::Overcharging(output) => {
				let here = receipts.iter_mut().filter(|one| one.core.output.0 == *output);
				here.for_each(|one| one.core.fee -= 1);
			}
		}
		execute(&context, chain, state, &receipts)?;
		if let Self::Stealing(output) = self {
			if receipts.iter().any(|one| one.core.output.0 == *output) {
				let totals = state.totals()?;
				let (stakers, model) = (totals.stakers - 1, totals.model + 1);
				state.set_totals(Totals { stakers, model, ..totals })?;
			}
		}
		Ok(())
	}
}

/// What a batch is about.
#[derive(Clone, Debug)]
pub struct Order {
	pub model: ModelId,
	pub version: VersionNumber,
	pub epoch: Epoch,
	pub terms: TermsNumber,
	/// By ascending account.
	pub payers: Vec<AccountId>,
	pub receipts: u32,
	/// Whether one of three receipts is private.
	pub private: bool,
}

impl Order {
	/// Of all payers, under what is in force in the beginning.
	pub fn of(model: ModelId, receipts: u32) -> Self {
		let payers = names().iter().map(|name| who(name)).collect();
		let (epoch, terms, private) = (0, 0, true);
		Self { model, version: TRAINED, epoch, terms, payers, receipts, private }
	}

	pub fn context(&self) -> Context {
		let trained = <Registry as Models<_>>::trained(self.model, self.version).unwrap();
		Context {
			version: self.version,
			epoch: self.epoch,
			price: <Registry as Models<_>>::price(self.model, self.epoch).unwrap(),
			terms: <Rewards as Ledger<_>>::terms(self.terms).unwrap(),
			snapshots: trained.snapshots,
		}
	}

	/// What the chain knows of its payers.
	pub fn bought(&self) -> Vec<Bought> {
		let entry = |payer| pallet_rewards::Payers::<Test>::get(self.model, payer).unwrap();
		self.payers.iter().map(|payer| entry(payer).bought).collect()
	}

	/// Sells as many inferences.
	pub fn sell(&self, random: &mut Random) -> Sales {
		let context = self.context();
		let payers = self.payers.len() as u32;
		let mut sales = Sales { receipts: vec![], outputs: vec![], citations: vec![] };
		for nth in 0..self.receipts {
			let output = format!("answer {}", random.next()).into_bytes();
			let citations = cite(&context, random);
			let (credits, rest) = credits(&citations, TOP).unwrap();
			let (tokens_in, tokens_out) = (random.below(1_000), random.below(1_000));
			let platform_fee = context.terms.platform_fee;
			let core = Core {
				version: self.version,
				epoch: self.epoch,
				tokens_in,
				tokens_out,
				fee: fee(context.price, tokens_in, tokens_out, platform_fee).unwrap(),
				output: ContentTree::of(&output).id().unwrap(),
				private: self.private && nth % 3 == 0,
			};
			let payer = if nth < payers { nth } else { random.below(payers) } as u16;
			let matches = matches(&citations);
			sales.receipts.push(Receipt { payer, core, credits, rest, matches });
			sales.outputs.push(output);
			sales.citations.push(citations);
		}
		sales
	}
}

/// Retrieves some chunks.
fn cite(context: &Context, random: &mut Random) -> Citations {
	let mut citations: Vec<_> = (0..1 + random.below(TOP.into()))
		.map(|_| {
			let snapshot = context.snapshots[random.below(context.snapshots.len() as u32) as usize];
			let (datanet, index) = (snapshot.datanet, random.below(snapshot.length));
			let chunk = random.below(2);
			let text = text(datanet, index);
			let bytes = text.chunks(1_024).nth(chunk as usize).unwrap();
			let leaf = openledger_primitives::tree::leaf(chunk, bytes);
			Citation { datanet, index, chunk, leaf, score: 1 + random.below(1_000) }
		})
		.collect();
	citations.sort();
	citations.dedup_by_key(|citation| (citation.contribution(), citation.chunk));
	Citations::truncate_from(citations)
}

/// A batch, with what stays off chain.
pub struct Trade {
	pub order: Order,
	pub sales: Sales,
	/// What its payers had bought before.
	pub before: Vec<Bought>,
	pub batch: Built<Way>,
}

impl Trade {
	/// Builds a batch; none if it would pay nobody, say.
	pub fn build(order: Order, sales: Sales, way: Way) -> Option<Self> {
		let before = order.bought();
		let receipts = sales.receipts.clone();
		let batch = Built::build_by(way, order.context(), before.clone(), receipts).ok()?;
		Some(Self { order, sales, before, batch })
	}

	/// An honest batch.
	pub fn honest(order: Order, random: &mut Random) -> Self {
		let sales = order.sell(random);
		Self::build(order, sales, Way::Honest).unwrap()
	}

	/// What its payers sign.
	pub fn vouchers(&self) -> Vec<Voucher<AccountId>> {
		let model = self.order.model;
		let purchases = self.batch.purchases();
		let signed = self.order.payers.iter().zip(purchases).map(|(payer, purchase)| {
			let entry = pallet_rewards::Payers::<Test>::get(model, payer).unwrap();
			voucher_by(model, payer, &entry.signer, purchase.after)
		});
		signed.collect()
	}

	/// What is submitted of it.
	pub fn submission(&self) -> Submission<AccountId> {
		Submission {
			version: self.order.version,
			epoch: self.order.epoch,
			terms: self.order.terms,
			vouchers: self.vouchers().try_into().unwrap(),
			diff: self.batch.diff(),
			totals: self.batch.totals(),
			trace: self.batch.submitted().unwrap(),
		}
	}

	pub fn submit(&self) -> Call<Test> {
		let submission = Box::new(self.submission());
		Call::submit_batch { model: self.order.model, submission }
	}

	/// What opens a step, and discloses these of its receipts.
	pub fn open(&self, number: BatchNumber, step: u32, disclosed: &[u32]) -> Call<Test> {
		let disclosures: Vec<_> =
			disclosed.iter().map(|place| disclosure(&self.sales, step * STEP + place)).collect();
		Call::open {
			model: self.order.model,
			batch: number,
			opening: Box::new(self.batch.open(step).unwrap()),
			disclosures: disclosures.try_into().unwrap(),
		}
	}
}

/// A voucher of a payer, signed by another.
pub fn voucher_by(
	model: ModelId,
	payer: &AccountId,
	signer: &AccountId,
	bought: Bought,
) -> Voucher<AccountId> {
	let message = message(System::block_hash(0), model, payer, &bought);
	let signature = MultiSignature::Sr25519(pair_of(signer).sign(&message));
	Voucher { payer: payer.clone(), bought, signature }
}

/// All contributions there are.
pub fn contributions() -> Vec<ContributionRef> {
	let of = |snapshot: Snapshot| {
		let datanet = snapshot.datanet;
		(0..snapshot.length).map(move |index| ContributionRef { datanet, index })
	};
	snapshots().into_iter().flat_map(of).collect()
}
