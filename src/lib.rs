//! Stackdeck: an on-call console for OpenStack, in the terminal.
//!
//! This page is the map. It says what the rooms are, what may depend on what, what always holds, and where to find
//! what you look for. Each room's own page goes on from here.
//!
//! # The rooms
//!
//! ```text
//!             console                         cli
//!    draws, takes keys, asks         the same, no screen
//!        │      ▲                          │      ▲
//! intent │      │ facts             intent │      │ facts
//!        ▼      │                          ▼      │
//!     operation (pure): intent → plan → records → what next
//!        │ plan, records                          │
//!        ▼                                        │
//!      store ◄──────────── worker               watch
//!  (journal, cache)     changes the cloud    reads the cloud
//!                              │                  │
//!                              └──► openstack ◄───┘
//!                                (the client layer)
//!                                       │ HTTP
//!                           a real cloud, or `sim`
//! ```
//!
//! There is one road to every change of a cloud, whoever asks for it: intent → plan → approval → journal → worker →
//! client layer.
//!
//! | room | holds | may import |
//! | --- | --- | --- |
//! | [`base`] | ids, keys, clock, observations, failures, safe text, shared texts: no product knowledge | nothing of ours |
//! | [`series`] | numbers over time: series with gaps, rates, histograms, peers; pure | `base` |
//! | [`fleet`] | services, instances, versions, findings, grouping; pure | `base`, `series` |
//! | [`mod@operation`] | intents, plans, records, the fold over them, what comes next; pure | `base`, `fleet` |
//! | [`config`] | Stackdeck's own settings, each with its origin | `base`, `fleet` |
//! | [`store`] | what is kept on disk: the journal, leases, the last snapshot | `base`, `fleet`, `operation` |
//! | [`openstack`] | `clouds.yaml`, sign-in, catalog, one request path, one file for each API | `base`; of `operation` the changes, of `store` the permit |
//! | [`watch`] | what is read when, and what the answers mean | `base`, `fleet`, `config`, `openstack` |
//! | [`worker`] | drives one operation to its end, in a process of its own | all above |
//! | [`console::app`] | the console's mind: `update(&mut Model, Msg) -> Vec<Effect>`; pure | `base`, `fleet`, `operation`, `config` |
//! | [`console::view`] | draws `&Model`: themes, layout, widgets | `base`, `fleet`, `operation`, `console::app` |
//! | [`console::run`] | where terminal, network, disk and time meet the pure parts | all but `sim` and `cli` |
//! | [`sim`] | a simulated cloud: a world, and a real HTTP server over it; shares no type with `openstack` | `base` |
//! | [`cli`] | arguments to one mode, failure to exit code, the shell's verbs | everything |
//!
//! `tests/it/tidy` parses the source and fails when an arrow is not in this table, when a crate is used outside its
//! room (`ratatui` in `console::view` and `console::run`, `crossterm` in `console::run`, `reqwest` in `openstack` and
//! `watch`, `axum` and `hyper` in `sim`), when a pure room does I/O or reads a clock, or when a function or
//! file grows too long.
//!
//! # What always holds
//!
//! 1. **Pure rooms decide, the others do.** `base`, `series`, `fleet`, `operation` and `console::app` do no I/O and read no
//!    clock: time is an argument, wishes come back as values. So a whole incident can be replayed in a test.
//! 2. **`watch` reads, `worker` writes.** The client layer has one function that changes a cloud,
//!    [`openstack::Cloud::perform`]. It wants a [`store::Permit`], which only the journal makes, and only when the
//!    announcement of that very call is durable. A second road would not compile.
//! 3. **Missing is not zero, and old never looks new.** What was read is an
//!    [`Observation`](base::observation::Observation): a value and its age, or why there is none.
//! 4. **A row is never lost.** An odd or missing field is `None`; the instance is shown all the same.
//! 5. **Selection follows identity.** Cursor and marks stick to ids, whatever the list does.
//! 6. **What the cloud says is untrusted text.** It reaches a terminal through [`base::text::sanitise`] alone.
//! 7. **Secrets are in no log, error, `Debug` or screen.** They are `SecretString`s from the file to the request.
//! 8. **A frame costs what the screen shows**, never what the cloud holds; an idle console writes nothing.
//! 9. **Every command is in one table.** Keys, hint bar, help, command line and the README's list come from it.
//! 10. **A failure has a kind, a message, causes and hints** ([`base::failure`]); the kind decides the exit code.
//!
//! # Words
//!
//! *instance*: a Nova server. *Service*: the instances that run one application. *Version*: of that application.
//! *Observation*: a value and its age, or why there is none. *Finding*: a health statement with its evidence.
//! *Source*: who told something (Nova, Octavia, a tag). *Place*: cloud and region. *Scope*: cloud, region, project and
//! breadth that one looks at. *Look*: one reading for the shell. *Notice*: told to the user. *Intent*: what someone
//! wants. *Plan*: steps, all choices made. *Step*: one target and what is done to it. *Change*: one mutating call.
//! *Record*: a line of the journal. *Operation*: a plan under way or done. *Gate*: evidence demanded before going on.
//! *Slot*: one place of a service, and the steps that are about it. *Release*: a version of a service that can be rolled
//! out, as an image. *Stamp*: what says of a thing in the cloud which operation made it so. *Checkpoint*: where a rollout
//! waits until somebody has looked. *Drained*: out of rotation behind its balancers. *Orphan*: what an operation has made
//! and nobody takes care of any more.
//! *Promise*: what a plan calls a thing that has no id yet. *Mould*: what a new instance is made like. *Freeze*: a time in
//! which most changes are refused.
//! One word for one thing.
//!
//! # Where do I find…
//!
//! | what | where |
//! | --- | --- |
//! | how an instance gets its service | [`mod@fleet::group`], names without ordinals in [`fleet::name`], own rules in [`fleet::rules`] |
//! | `clouds.yaml`, `OS_*` variables | [`openstack::clouds`] |
//! | sign-in, renewal, token cache | [`openstack::auth`], [`openstack::cloud`] |
//! | which URL, which microversion | [`openstack::catalog`], [`openstack::microversion`] |
//! | retries, deadlines, request ids, error sentences | [`openstack::http`], [`openstack::error`] |
//! | what is polled when, and `changes-since` | [`watch`] |
//! | what is wrong: from rows, and from load and checks together | [`mod@fleet::health`], from where on in `fleet::health::Thresholds`, read by `config::health` |
//! | since when something is wrong, by what is known of the time before | [`fleet::began`], `fleet::health::past` |
//! | what one could do next, who says so, and how old that is | `fleet::health::Conclusion`, [`fleet::health::advice`]; on the screen [`console::app::tables::why`] |
//! | load, conclusions and sources together, as console and shell keep them | [`fleet::condition`] |
//! | what has changed in the last day: one entry for one event, with its cause | [`fleet::timeline`], kept by [`store::timeline`] |
//! | what of it the console keeps, and whose history it asks for | [`console::app::changes`], [`console::run`], `watch::trace` |
//! | what an operation adds to it | [`operation::told`] |
//! | who measures load, how often, and for how many requests | [`watch::metrics`] |
//! | which source is believed for a metric, sums of instances | [`mod@fleet::load`] |
//! | how a metric's past is kept, and what is dropped of it | [`series`] |
//! | an option of `config.toml`, and where its value is from | [`config::options`], `config/default.toml` |
//! | a key or a command | [`console::app`], the user's keys in [`config::keys`] |
//! | a graph: which lines, over which time, how drawn | [`console::app::graphs`], `console::view::chart` |
//! | what needs a look, who has answered for it, how it rings | [`console::app::alerts`], [`fleet::answer`], `[alarm]` in [`config::alarm`] |
//! | a colour | [`console::view::theme`], `themes/*.toml` |
//! | what reaches the terminal, and how it is restored | [`console::run`] |
//! | a verb of the shell | [`cli::verb`], its JSON in [`cli::json`] |
//! | `stackdeck top`, `stackdeck graph`: what is measured, from the shell | [`cli::top`], [`cli::graph`] |
//! | `stackdeck changes` | [`cli::changes`] |
//! | how the shell plans, asks and starts a change | [`cli::change`] |
//! | a plan as a file, its hash, and when it may be started | [`operation::saved`], [`cli::change::apply`] |
//! | the second person's word for a plan, and when it counts | [`operation::approval`], signed by [`cli::change::approve`] |
//! | guard rails: a second person, how many at once, protected services, what a ticket looks like | [`operation::draft::Rails`], [`config::settings`] |
//! | operations and their records from the shell | [`cli::operations`], [`cli::audit`] |
//! | whether a worker outlives the login | [`mod@worker::outlives`] |
//! | an exit code | [`cli::exit`] |
//! | `stackdeck doctor` | [`cli::doctor`] |
//! | the demo | [`sim`] |
//! | which call fits which state | `operation::state` for instances, `operation::subject` for their places in pools too |
//! | when most changes are refused, and what lifts that | [`operation::freeze`], read by `config::freeze` |
//! | which steps a verb takes | [`mod@operation::draft`], from the pieces in [`mod@operation::slot`] |
//! | how a service is scaled out | [`mod@operation::draft`]; what is copied in [`fleet::mould`], names of what is not there yet in [`operation::promise`] |
//! | how an instance is replaced, and what of whoever is deleted is kept | [`mod@operation::draft`]; [`mod@operation::preserved`], read by `worker::evidence` |
//! | which releases of a service there are | [`watch::releases`], which version an image holds in [`mod@fleet::version`] |
//! | how an instance is asked for its version, in a rollout too | [`watch::metrics::probe`] |
//! | what operations have left behind, and who cleans it up | [`mod@operation::orphans`], read by [`cli::remains`]; `operation::draft` draws its removal, `operation::next` looks once more |
//! | who else owns an instance: Heat, Cluster API | [`mod@fleet::owner`] |
//! | what a plan does to those who use it | [`operation::effect`] |
//! | what is done next, after a crash too | [`mod@operation::next`], over the fold in [`operation::fold`] |
//! | how long something has been held while the cloud was silent | [`operation::waiting`] |
//! | the one mutating call | `openstack::perform` |
//! | how a worker starts, signs in, ends | [`worker::launch`], [`worker::sign_in`], [`worker::process`] |
//! | a thousand bad days | `tests/it/simulation` |
//! | a record on disk, the hash chain, and what it proves | [`store`] |
//! | the search for secrets in all that tests leave | `tests/it/support/secrets.rs` |
//! | a rule of the house | `tests/it/tidy` |
//! | the tests of a room | `tests/it/ROOM` |
//!
//! # Where it departs from the design
//!
//! The design has a room for `policy`. It comes with the first thing that lives in it; the tidy test knows its arrows
//! already.
//!
//! A paused operation has no worker: whoever resumes it starts one, and hands over what was missing. Waits and the
//! gate's moments are records too (`waiting`), so deadlines and the screen come from the journal alone.
//!
//! `watch` keeps its snapshot through a trait of `fleet` that `store` implements: no arrow leads from watch to store.
//! `sim` stands on hyper, because `axum::serve` cannot leave out `Date`. The terminal is read by our own poll and
//! parser, because crossterm's spins on a dead one; entering, leaving and the clipboard are crossterm's. The writer has
//! its own encoder: when a frame is dropped, the next must be compared with what the terminal really got.

pub mod base;
pub mod cli;
pub mod config;
pub mod console;
pub mod fleet;
pub mod openstack;
pub mod operation;
pub mod series;
pub mod sim;
pub mod store;
pub mod watch;
pub mod worker;
