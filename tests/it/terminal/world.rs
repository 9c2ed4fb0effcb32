//! A simulated cloud for a console to look at, and the console that looks.

use stackdeck::sim::{self, Options, Scenario, Served, World};

use super::pty::{self, Terminal};
use crate::support::process::Home;

/// A cloud that is served, and the home whose `clouds.yaml` names it.
pub struct Stage {
    pub home: Home,
    pub served: Served,
    _runtime: tokio::runtime::Runtime,
}

impl Stage {
    /// A quiet cloud: nothing in it changes by itself.
    pub fn quiet() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let served = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            sim::serve(listener, World::new(Options::new(Scenario::Quiet))).unwrap()
        });
        let home = Home::new();
        home.clouds(&served.clouds_yaml());
        Self { home, served, _runtime: runtime }
    }

    /// The cloud ends; what it leaves is the user's home.
    pub fn end(self) -> Home {
        self.home
    }

    /// The same for somebody who is less patient than the defaults.
    pub fn impatient() -> Self {
        let stage = Self::quiet();
        stage.home.write(".config/stackdeck/config.toml", "[watch]\nnormal = \"1s\"\nbusy = \"1s\"\n");
        stage
    }

    /// A console whose rows are there.
    pub fn console(&self, options: &pty::Options<'_>) -> Terminal {
        let arguments: Vec<&str> = ["--cloud", "sim"].into_iter().chain(options.arguments.iter().copied()).collect();
        // Whoever measures tells figures when it can, and what is shown then moves by itself.
        let unmeasured = ("STACKDECK_METRICS_ENABLED", "no");
        let environment: Vec<_> = std::iter::once(unmeasured).chain(options.environment.iter().copied()).collect();
        let options = pty::Options { arguments: &arguments, environment: &environment, ..*options };
        let terminal = Terminal::start(&self.home, &options);
        terminal.wait("payments");
        terminal
    }
}
