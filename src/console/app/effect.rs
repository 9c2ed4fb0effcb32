//! What should be done, as values. `console/run` is the only interpreter.

use std::sync::Arc;

use crate::base::id::{ImageId, InstanceId};
use crate::console::app::model::Scope;
use crate::fleet::answer::Answers;
use crate::fleet::detail::Interest;
use crate::fleet::{Instance, Look, Timeline};
use crate::operation::record::Wish;
use crate::operation::{Draft, OperationId};

/// A wish of the console. What changes the cloud is an approved plan alone.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Carry out a step of a look while keys are heard, and tell what it found. Nothing that is measured may be told
    /// meanwhile.
    Look(Box<Look>),
    /// Poll now, whatever the schedule says.
    Refresh,
    /// Follow one instance; replaces what was followed before. `None` follows none.
    Follow(Option<(InstanceId, Interest)>),
    /// Measure these one by one, where nobody measures them together: they are on screen.
    Measure(Vec<InstanceId>),
    /// Fetch the events of one history entry of the followed instance, by its request id.
    FetchEvents(InstanceId, String),
    /// Read the histories of these instances, as the budget of requests allows.
    Trace(Vec<InstanceId>),
    /// Add this to what is kept of the last day.
    KeepTimeline(Box<Timeline>),
    /// Keep these acknowledgements and mutes.
    KeepAnswers(Box<Answers>),
    /// The cloud view is open (or no longer): poll the control plane, or stop.
    WatchControlPlane(bool),
    /// Go to another cloud, region, project or breadth.
    Switch(Scope),
    /// List the projects that the user may go to, for a picker.
    ListProjects,
    /// List the releases of this service, for a picker.
    ListReleases(Arc<str>),
    /// Read this image, as a release of this service.
    ReadRelease(Arc<str>, ImageId),
    /// Read what new instances like these are made like.
    ReadMoulds(Vec<Arc<Instance>>),
    /// Sign in with the password that the user has typed.
    SignIn(secrecy::SecretString),
    /// Put text on the clipboard by OSC 52.
    Copy(String),
    /// Something worse than before is there: ring, in these words.
    Ring(String),
    /// Stop the process (ctrl-z), and draw anew when it goes on.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Someone is at the keyboard, or has not been for a while: the watch slows down.
    Presence(bool),
    /// Tell with what a worker would sign in here: a plan is being read.
    TellCredentials,
    /// Write the approval of this plan into the journal, and start a worker for it.
    Approve {
        /// What was read and agreed to.
        draft: Box<Draft>,
        /// Why, as the user's own records name it.
        ticket: Option<String>,
    },
    /// Ask this of an operation; start a worker for it if nobody drives it.
    Ask(OperationId, Wish),
    /// Resume an operation with the password that was typed for it.
    ResumeWith {
        /// Which.
        operation: OperationId,
        /// The cloud that the password is for.
        cloud: String,
        /// The password.
        password: secrecy::SecretString,
    },
    /// Somebody looks at the operations (or no longer): tell of every record at once.
    WatchOperations(bool),
    /// Leave.
    Quit,
}
