//! The record as tools read it: from a model back to every contribution and to whoever it pays.

use frame_support::{assert_ok, traits::Get};
use openledger_primitives::{
	accounts::{account, COMMONS},
	content::{ContentId, ContentTree},
	records::{
		ContributionKind, ContributionRef, DatanetId, Licence, ModelId, ModelKind, Precedence,
		Snapshot, Standing, VersionNumber,
	},
	units::OPEN,
};
use openledger_runtime::{
	governance::origins::Origin,
	record::{contributions, provenance, registered, Registered, PAGE},
	ModelRegistry, Runtime, RuntimeCall,
};
use openledger_tests::{stranger, Chain};
use pallet_datanets::{
	commitment_hash, Admission, Commitments, Config, Datanets, Ground, Policy, Reference, Reveal,
	Vote,
};
use pallet_model_registry::{DerivativeTerms, Method, NewVersion, Parent};
use serde_json::json;
use sp_core::H256;
use sp_keyring::Sr25519Keyring as Account;
use sp_runtime::{traits::Dispatchable, Permill};

type DatanetCall = pallet_datanets::Call<Runtime>;
type ModelCall = pallet_model_registry::Call<Runtime>;

const FOLDER: &str = "https://example.org/";

/// A number that the runtime decides.
fn get<T: Get<u32>>() -> u32 {
	T::get()
}

fn content(text: &str) -> ContentId {
	ContentTree::of(text.as_bytes()).id().expect("it is not empty")
}

/// The name of a content as it ends a URI.
fn file(text: &str) -> String {
	format!("{:?}", content(text).0).trim_start_matches("0x").into()
}

fn work(text: &str) -> Reveal {
	Reveal {
		content: content(text),
		salt: H256::repeat_byte(7),
		size: text.len() as u64,
		kind: ContributionKind::Data,
		licence: Licence::CcBy,
		uri: Vec::new(),
		subject: None,
	}
}

/// Creates a datanet of Alice's.
fn create(chain: &mut Chain, admission: Admission) {
	let policy = Policy { admission, bond: OPEN, curator_share: Permill::zero() };
	chain.must(
		Account::Alice,
		DatanetCall::create_datanet {
			licence: Licence::CcBy,
			policy,
			name: b"Sentences".to_vec(),
			description: Vec::new(),
			tags: Vec::new(),
			uri: FOLDER.into(),
		},
	);
}

/// Commits and reveals works, and returns their places in the order of all.
fn contribute(
	chain: &mut Chain,
	who: Account,
	datanet: DatanetId,
	works: Vec<Reveal>,
) -> Vec<Precedence> {
	let owner = who.to_account_id();
	let commitments: Vec<_> =
		works.iter().map(|work| commitment_hash(work.content, work.salt, &owner)).collect();
	let call =
		DatanetCall::commit { commitments: commitments.clone().try_into().expect("a batch") };
	chain.must(who, call);
	let (precedences, agreed) = chain.state(|| {
		let committed = |hash| Commitments::<Runtime>::get(&owner, hash).expect("just committed");
		let precedences = commitments.iter().map(|hash| committed(hash).precedence).collect();
		(precedences, Datanets::<Runtime>::get(datanet).expect("it was created").policy)
	});
	let reveals = works.try_into().expect("a batch");
	chain.must(who, DatanetCall::reveal { datanet, agreed, reveals });
	precedences
}

/// Accepts what waits, once every earlier commitment is known.
fn accept(chain: &mut Chain, datanet: DatanetId, works: Vec<Precedence>) {
	chain.blocks(get::<<Runtime as Config>::RevealPeriod>() + 1);
	let contributions = works.try_into().expect("a batch");
	chain.must(Account::Alice, DatanetCall::accept { datanet, contributions });
}

/// Does what a referendum of the attribution admin decides.
fn govern(chain: &mut Chain, call: DatanetCall) {
	chain.block(|| {
		assert_ok!(RuntimeCall::from(call).dispatch(Origin::AttributionAdmin.into()));
	});
}

/// Creates a reference datanet without a folder.
fn create_reference(chain: &mut Chain) {
	let call = DatanetCall::create_reference {
		licence: Licence::PublicDomain,
		name: b"Common texts".to_vec(),
		description: Vec::new(),
		tags: Vec::new(),
		uri: Vec::new(),
	};
	govern(chain, call);
}

fn add_references(chain: &mut Chain, datanet: DatanetId, texts: &[&str]) {
	let contents = texts
		.iter()
		.map(|text| Reference {
			content: content(text),
			size: text.len() as u64,
			kind: ContributionKind::Data,
			uri: Vec::new(),
		})
		.collect::<Vec<_>>();
	let contents = contents.try_into().expect("a batch");
	govern(chain, DatanetCall::add_references { datanet, contents });
}

/// Registers the next model.
fn register(
	chain: &mut Chain,
	owner: Account,
	name: &str,
	kind: ModelKind,
	parents: &[ModelId],
	royalty: Permill,
) {
	let parents: Vec<_> =
		parents.iter().map(|model| Parent { model: *model, at_most: royalty_of(*model) }).collect();
	chain.must(
		owner,
		ModelCall::register {
			kind,
			parents: parents.try_into().expect("few"),
			terms: DerivativeTerms { allowed: true, royalty },
			price: Default::default(),
			name: name.into(),
			description: Vec::new(),
			uri: Vec::new(),
		},
	);
}

/// Adds the next version of a model.
fn add_version(
	chain: &mut Chain,
	owner: Account,
	model: ModelId,
	snapshots: &[Snapshot],
	parents: &[VersionNumber],
) {
	let version = NewVersion {
		weights: H256::zero(),
		config: H256::zero(),
		training_log: H256::zero(),
		licence: Licence::CcBy,
		snapshots: snapshots.to_vec(),
		parents: parents.to_vec(),
		method: Method::Spans { window: 32 },
		uri: Vec::new(),
	};
	chain.must(owner, ModelCall::add_version { model, version });
}

const DATANET: DatanetId = 0;
const REFERENCE: DatanetId = 1;

const BASE: ModelId = 0;
const FINE_TUNE: ModelId = 1;
const ADAPTER: ModelId = 2;
const AGENT: ModelId = 3;

/// What each of these models asks of those made from it.
fn royalty_of(model: ModelId) -> Permill {
	Permill::from_percent([10, 20, 5, 0][model as usize])
}

/// The first contributions of the datanet.
fn sentences(length: u32) -> Snapshot {
	Snapshot { datanet: DATANET, length }
}

/// The first contents of the reference datanet.
fn common_texts(length: u32) -> Vec<Snapshot> {
	vec![Snapshot { datanet: REFERENCE, length }]
}

#[test]
fn provenance_goes_back_on_every_path_to_every_version() {
	// GIVEN a datanet in which two of three reviewers decide,
	let chain = &mut Chain::development();
	let period = get::<<Runtime as Config>::MaxReviewPeriod>();
	create(chain, Admission::Reviewed { quorum: 2, period });
	let reviewers = [Account::Charlie, Account::Dave, Account::Eve];
	for reviewer in reviewers {
		let account = reviewer.to_account_id();
		let invitation = DatanetCall::invite_reviewer { datanet: DATANET, reviewer: account };
		chain.must(Account::Alice, invitation);
		chain.must(reviewer, DatanetCall::join_reviewers { datanet: DATANET });
	}
	let add = |chain: &mut Chain, who, works| {
		let waiting = contribute(chain, who, DATANET, works);
		for reviewer in &reviewers[..2] {
			let votes: Vec<_> = waiting.iter().map(|work| (*work, Vote::Approve)).collect();
			let votes = votes.try_into().expect("a batch");
			chain.must(*reviewer, DatanetCall::vote { datanet: DATANET, votes });
		}
		accept(chain, DATANET, waiting);
	};
	add(chain, Account::Bob, vec![work("one")]);
	add(chain, Account::Ferdie, vec![work("two")]);

	// AND a base model, whose second version knows one more sentence and the first reference,
	let of = royalty_of;
	register(chain, Account::Alice, "base", ModelKind::Base, &[], of(BASE));
	assert_eq!(chain.state(|| provenance(BASE, None)), None, "it has no version yet");
	add_version(chain, Account::Alice, BASE, &[sentences(2)], &[]);
	create_reference(chain);
	add_references(chain, REFERENCE, &["licence"]);
	add(chain, Account::Bob, vec![work("three")]);
	add_version(chain, Account::Alice, BASE, &[sentences(3)], &[]);

	// AND a fine-tune of the first version, an adapter of that, and an agent that calls the adapter
	// and the second version of the base model.
	register(chain, Account::Bob, "tuned", ModelKind::FineTune, &[BASE], of(FINE_TUNE));
	add_version(chain, Account::Bob, FINE_TUNE, &[sentences(2)], &[0]);
	register(chain, Account::Charlie, "adapter", ModelKind::Adapter, &[FINE_TUNE], of(ADAPTER));
	add_version(chain, Account::Charlie, ADAPTER, &[sentences(3)], &[0]);
	add_references(chain, REFERENCE, &["boilerplate", "proverb"]);
	register(chain, Account::Dave, "agent", ModelKind::Agent, &[ADAPTER, BASE], of(AGENT));
	add_version(chain, Account::Dave, AGENT, &[], &[0, 1]);

	// THEN the agent's provenance names both versions of the base model, each on its path.
	let list = chain.state(|| provenance(AGENT, None)).expect("it has a version");
	let told: Vec<_> = list
		.iter()
		.map(|part| {
			let used_by = part.used_by.map(|used| (used.ingredient, used.royalty));
			let data = (part.snapshots.clone(), part.references.clone());
			(part.model, part.version, part.kind, used_by, data)
		})
		.collect();
	let (first, second) = (vec![sentences(2)], vec![sentences(3)]);
	assert_eq!(
		told,
		[
			(AGENT, 0, ModelKind::Agent, None, (vec![], common_texts(3))),
			(
				ADAPTER,
				0,
				ModelKind::Adapter,
				Some((0, of(ADAPTER))),
				(second.clone(), common_texts(1))
			),
			(
				FINE_TUNE,
				0,
				ModelKind::FineTune,
				Some((1, of(FINE_TUNE))),
				(first.clone(), common_texts(1))
			),
			(BASE, 0, ModelKind::Base, Some((2, of(BASE))), (first, vec![])),
			(BASE, 1, ModelKind::Base, Some((0, of(BASE))), (second, common_texts(1))),
		]
	);
	let alice = Account::Alice.to_account_id();
	assert!(list.iter().all(|part| part.licence == Licence::CcBy));
	assert!(list[3..].iter().all(|part| part.owner == alice && part.name == b"base"));

	// AND from there every contribution is found, with who made it.
	let makers: Vec<_> = chain
		.state(|| contributions(list[4].snapshots[0], 0))
		.into_iter()
		.map(|made| (made.content, made.contributor))
		.collect();
	let (bob, ferdie) = (Account::Bob.to_account_id(), Account::Ferdie.to_account_id());
	let made = [("one", bob.clone()), ("two", ferdie), ("three", bob)];
	assert_eq!(makers, made.map(|(text, who)| (content(text), who)));

	// AND the datanet's users are found, with the last version that uses it.
	let mut users = chain.state(|| ModelRegistry::users_of(DATANET, None));
	users.sort_unstable();
	assert_eq!(users, [(BASE, 1), (FINE_TUNE, 0), (ADAPTER, 0)]);

	// AND without a version, the active one is told; what does not exist is not.
	let version = |chain: &mut Chain, version| {
		chain.state(|| provenance(BASE, version)).map(|list| (list.len(), list[0].version))
	};
	assert_eq!(version(chain, None), Some((1, 0)));
	chain.must(Account::Alice, ModelCall::activate_version { model: BASE, version: 1 });
	assert_eq!(version(chain, None), Some((1, 1)));
	assert_eq!(version(chain, Some(0)), Some((1, 0)));
	assert_eq!(version(chain, Some(2)), None);
	assert_eq!(chain.state(|| provenance(AGENT + 1, None)), None);

	// AND the record outlives its models.
	for (owner, model) in [(Account::Alice, BASE), (Account::Dave, AGENT)] {
		chain.must(owner, ModelCall::deprecate { model });
	}
	assert_eq!(chain.state(|| provenance(AGENT, None)), Some(list.clone()));

	// AND it is this in JSON.
	assert_eq!(
		serde_json::to_value(&list[1]).expect("it serialises"),
		json!({
			"model": 2,
			"version": 0,
			"kind": "Adapter",
			"name": "adapter",
			"owner": Account::Charlie.to_account_id().to_string(),
			"licence": "CcBy",
			"usedBy": { "ingredient": 0, "royalty": 50_000 },
			"snapshots": [{ "datanet": 0, "length": 3 }],
			"references": [{ "datanet": 1, "length": 1 }],
		})
	);
	chain.try_state();
}

#[test]
fn a_contribution_says_where_it_lies_who_is_paid_and_where_it_stands() {
	// GIVEN an open datanet to which Bob contributes,
	let chain = &mut Chain::development();
	create(chain, Admission::Open);
	let (bob, dave, ferdie) = (
		Account::Bob.to_account_id(),
		Account::Dave.to_account_id(),
		Account::Ferdie.to_account_id(),
	);
	let elsewhere = Reveal { uri: b"ipfs://elsewhere".to_vec(), ..work("elsewhere") };
	let works = vec![work("here"), elsewhere, work("bad"), work("common")];
	let waiting = contribute(chain, Account::Bob, DATANET, works);
	let (precedence, contributor) = (waiting[0], bob.clone());
	let pending = Registered { datanet: DATANET, index: None, precedence, contributor };
	assert_eq!(chain.state(|| registered(content("here"))), Some(pending.clone()));
	accept(chain, DATANET, waiting);

	// AND Ferdie labels the first of it,
	let subject = Some(ContributionRef { datanet: DATANET, index: 0 });
	let label = Reveal { kind: ContributionKind::Label, subject, ..work("label") };
	let waiting = contribute(chain, Account::Ferdie, DATANET, vec![label]);
	accept(chain, DATANET, waiting);

	// WHEN the right to earn moves, an earner is paid elsewhere, something is flagged, and governance
	// finds something to be everybody's,
	let at = |index| ContributionRef { datanet: DATANET, index };
	let moved = vec![at(1)].try_into().expect("a batch");
	let to_dave = DatanetCall::transfer_right { contributions: moved, earner: dave.clone() };
	chain.must(Account::Bob, to_dave);
	chain.must(Account::Dave, DatanetCall::set_payee { payee: Some(stranger(9)) });
	chain.must(
		Account::Ferdie,
		DatanetCall::flag { contribution: at(2), ground: Ground::LowQuality },
	);
	create_reference(chain);
	add_references(chain, REFERENCE, &["common"]);

	// THEN all of it is told.
	let page = chain.state(|| contributions(sentences(5), 0));
	let told: Vec<_> = page
		.iter()
		.map(|made| {
			let uri = String::from_utf8_lossy(&made.uri).into_owned();
			let people = (&made.contributor, &made.earner, &made.payee);
			(uri, people, made.kind, made.subject, made.standing)
		})
		.collect();
	let default = |text| format!("{FOLDER}{}", file(text));
	let data = ContributionKind::Data;
	assert_eq!(
		told,
		[
			(default("here"), (&bob, &bob, &bob), data, None, Standing::Valid),
			("ipfs://elsewhere".into(), (&bob, &dave, &stranger(9)), data, None, Standing::Valid),
			(default("bad"), (&bob, &bob, &bob), data, None, Standing::Flagged),
			(default("common"), (&bob, &bob, &bob), data, None, Standing::Voided),
			(
				default("label"),
				(&ferdie, &ferdie, &ferdie),
				ContributionKind::Label,
				subject,
				Standing::Valid
			),
		]
	);
	let accepted = Registered { index: Some(0), ..pending };
	assert_eq!(chain.state(|| registered(content("here"))), Some(accepted));
	assert_eq!(chain.state(|| registered(content("never"))), None);

	// AND what is everybody's is registered with the commons, before everything, and lies nowhere.
	let commons = Registered {
		datanet: REFERENCE,
		index: Some(0),
		precedence: Precedence::new(0, 0),
		contributor: account(COMMONS),
	};
	assert_eq!(chain.state(|| registered(content("common"))), Some(commons));
	assert_eq!(chain.state(|| contributions(common_texts(1)[0], 0))[0].uri, b"");

	// AND it is this in JSON.
	assert_eq!(
		serde_json::to_value(&page[1]).expect("it serialises"),
		json!({
			"contribution": { "datanet": 0, "index": 1 },
			"precedence": page[1].precedence,
			"content": format!("0x{}", file("elsewhere")),
			"size": 9,
			"kind": "Data",
			"licence": "CcBy",
			"subject": null,
			"uri": "ipfs://elsewhere",
			"contributor": bob.to_string(),
			"earner": dave.to_string(),
			"payee": stranger(9).to_string(),
			"standing": "Valid",
		})
	);
	chain.try_state();
}

#[test]
fn a_page_ends_with_its_limit_the_snapshot_or_the_datanet() {
	// GIVEN a datanet with one contribution more than a page holds,
	let chain = &mut Chain::development();
	create(chain, Admission::Open);
	create_reference(chain);
	let texts: Vec<_> = (0..=PAGE).map(|text| text.to_string()).collect();
	let texts: Vec<_> = texts.iter().map(String::as_str).collect();
	for batch in texts.chunks(get::<<Runtime as Config>::MaxBatch>() as usize) {
		add_references(chain, REFERENCE, batch);
	}
	// THEN these are its pages.
	chain.state(|| {
		let page = |datanet, length, from| -> Vec<u32> {
			let page = contributions(Snapshot { datanet, length }, from);
			page.iter().map(|made| made.contribution.index).collect()
		};
		for (length, from, expected) in [
			(PAGE + 1, 0, 0..PAGE),
			(PAGE + 1, PAGE, PAGE..PAGE + 1),
			(PAGE + 1, PAGE + 1, 0..0),
			(PAGE, 1, 1..PAGE),
			(3, 0, 0..3),
			(3, 2, 2..3),
			(3, 3, 0..0),
			(0, 0, 0..0),
			(u32::MAX, 0, 0..PAGE),
			(u32::MAX, 2, 2..PAGE + 1),
			(u32::MAX, u32::MAX - 1, 0..0),
			(u32::MAX, u32::MAX, 0..0),
		] {
			let expected: Vec<_> = expected.collect();
			assert_eq!(page(REFERENCE, length, from), expected, "{length} from {from}");
		}
		assert!(page(DATANET, u32::MAX, 0).is_empty(), "nothing was contributed");
		assert!(page(REFERENCE + 1, u32::MAX, 0).is_empty(), "there is no such datanet");
	});
	chain.try_state();
}
