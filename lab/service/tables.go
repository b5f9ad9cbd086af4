package main

// Every write of a known key touches its row again instead of doing nothing: only a transaction
// that writes WAL waits for the synchronous standby. "DO NOTHING" would acknowledge, on a primary
// that is cut off, a row whose first commit never reached the other site.
const (
	insertPatient = `INSERT INTO patients (name, key) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET asked = patients.asked + 1 RETURNING id`
	insertOrder = `INSERT INTO orders (patient_id, item, key) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO UPDATE SET asked = orders.asked + 1 RETURNING id`
	insertRecord = `INSERT INTO records (key, body) VALUES ($1, $2)
		ON CONFLICT (key) DO UPDATE SET asked = records.asked + 1 RETURNING id`

	selectOrder  = `SELECT id, patient_id, item, key FROM orders WHERE id = $1`
	selectRecord = `SELECT id, key, body FROM records WHERE id = $1`
	listPatients = `SELECT id, name, key FROM patients WHERE id > $1 ORDER BY id LIMIT 1000`
	listOrders   = `SELECT id, patient_id, item, key FROM orders WHERE id > $1 ORDER BY id LIMIT 1000`
	listRecords  = `SELECT id, key, body FROM records WHERE id > $1 ORDER BY id LIMIT 1000`

	pulseTable = `CREATE TABLE IF NOT EXISTS pulse (
		pod text PRIMARY KEY, site text NOT NULL, beats bigint NOT NULL DEFAULT 1,
		at timestamptz NOT NULL DEFAULT now());`
	hisTables = `CREATE TABLE IF NOT EXISTS patients (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		name text NOT NULL CHECK (name <> ''), key text UNIQUE, asked int NOT NULL DEFAULT 1,
		at timestamptz NOT NULL DEFAULT now());
	CREATE TABLE IF NOT EXISTS orders (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		patient_id bigint NOT NULL REFERENCES patients, item text NOT NULL CHECK (item <> ''),
		key text NOT NULL UNIQUE CHECK (key <> ''), asked int NOT NULL DEFAULT 1,
		at timestamptz NOT NULL DEFAULT now());`
	recordTables = `CREATE TABLE IF NOT EXISTS records (
		id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
		key text NOT NULL UNIQUE CHECK (key <> ''), body text NOT NULL,
		asked int NOT NULL DEFAULT 1, at timestamptz NOT NULL DEFAULT now());`
)

// schema is idempotent: it runs at every start.
func schema(workload string) string {
	if workload == "his" {
		return pulseTable + hisTables
	}
	return pulseTable + recordTables
}
