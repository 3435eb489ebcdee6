"""One employee, one period: evidence, score, performance record, decision, reply, contest."""
