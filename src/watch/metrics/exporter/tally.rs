//! What balancers have counted of single members, read once: for whoever holds some of them against others.

use std::sync::Arc;

use reqwest::Url;
use tokio::sync::OnceCell;

use crate::base::failure::Failure;
use crate::base::id::PoolId;
use crate::config::metrics::Balancers;
use crate::openstack::{Reader, statistics};
use crate::watch::metrics::exporter::balancing::{Counted, counted};
use crate::watch::metrics::exporter::{DEADLINE, MOST, exposition, fetch, named, of_balancer};
use crate::watch::metrics::web::{Way, Web};

/// Reads exporters.
pub struct Tally {
    settings: Balancers,
    web: Web,
    /// Octavia's own: they are asked every minute, and looked for once.
    found: OnceCell<Vec<Url>>,
}

impl Tally {
    /// `None` where the configuration asks no exporter.
    pub fn new(settings: &Balancers) -> Result<Option<Self>, Failure> {
        if !settings.enabled && settings.exporters.is_empty() {
            return Ok(None);
        }
        let web = Web::new(&Way::default(), DEADLINE, MOST)?;
        Ok(Some(Self { settings: settings.clone(), web, found: OnceCell::new() }))
    }

    /// What is counted behind the balancers of these pools, which are the same each time, and by exporters that are named;
    /// `None` where nobody tells.
    pub async fn read(&self, reader: &Arc<dyn Reader>, pools: &[PoolId]) -> Option<Vec<Counted>> {
        let mut urls: Vec<Url> = self.settings.exporters.values().filter_map(|(url, _)| named(url).ok()).collect();
        match self.found.get_or_try_init(|| self.find(reader, pools)).await {
            Ok(found) => urls.extend(found.iter().cloned()),
            Err(failure) => tracing::warn!("which exporters there are is not known: {failure}"),
        }
        let mut told: Option<Vec<Counted>> = None;
        for url in urls {
            match fetch(&self.web, &url).await {
                Ok(text) => {
                    let told = told.get_or_insert_with(Vec::new);
                    let mut new = counted(exposition::lines(&text));
                    // An exporter that is named may be Octavia's too: each member is counted once.
                    new.retain(|new| told.iter().all(|one| one.member != new.member));
                    told.append(&mut new);
                }
                Err(failure) => tracing::warn!("an exporter does not tell: {failure}"),
            }
        }
        told
    }

    async fn find(&self, reader: &Arc<dyn Reader>, pools: &[PoolId]) -> Result<Vec<Url>, Failure> {
        if !self.settings.enabled {
            return Ok(Vec::new());
        }
        let balancers = statistics::balancers(reader, None).await?;
        let listeners = statistics::listeners(reader, None).await?;
        let serves = |balancer: &&statistics::Balancer| {
            let mut own = balancer.pools.0.iter().filter_map(|pool| pool.0.as_ref()?.id.as_deref());
            own.any(|own| pools.iter().any(|pool| pool.as_str() == own))
        };
        let own = balancers.iter().filter(serves);
        Ok(own.filter_map(|balancer| of_balancer(&self.settings, balancer, &listeners)).collect())
    }
}
