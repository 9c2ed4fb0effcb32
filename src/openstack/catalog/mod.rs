//! Where the services are: the token's catalog, filtered by region and interface, and what discovery adds.
