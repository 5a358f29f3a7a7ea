-- PostgreSQL's container runs this once, on its first start: the ledger, next to Prefect's database.
CREATE DATABASE ledger;
