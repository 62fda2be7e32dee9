from __future__ import annotations
from tests.support import factories
from grants.accounts.models import Role
from grants.applications.models import ApplicationStatus as S
from grants.applications import operations as ops
from grants.funds import operations as funds
import json, pathlib
from datetime import timedelta
from grants.foundation import clock as time

def test_shots(app, new_page):
    A = factories.TESTS
    data = json.loads(pathlib.Path("grants/desk/data/demonstration.json").read_text())
    r = data["round"]
    for t in ("CSE","hate crime","knife crime"): factories.topic(t)
    for d in ("Bradford","Calderdale","Kirklees","Leeds","Wakefield","West Yorkshire"): factories.district(d)
    plan = funds.make_plan(actor=A, name=data["plan"]["name"], priorities=data["plan"]["priorities"])
    made = funds.make_round(actor=A, fund=factories.fund(), code=r["code"], plan=plan, opens_at=time.now()-timedelta(days=7), closes_at=time.now()+timedelta(days=14), largest_grant_pence=600000, pot_pence=20000000, summary=r["summary"], most_months=12, illustrative=True)
    for q in r["eligibility"]: funds.add_eligibility_question(actor=A, a_round=made, text=q["text"], hint=q["hint"], good_answer=q["good"], advice=q["advice"])
    for q in r["questions"]: funds.add_question(actor=A, a_round=made, **q)
    for c in r["criteria"]: funds.add_criterion(actor=A, a_round=made, **c)
    funds.open_round(actor=A, a_round=made)
    g = factories.organisation("Northside Youth Project"); own = factories.applicant(g)
    g2 = factories.organisation("The Very Long Named Association of Residents, Tenants, Traders and Friends of the Lower Valley and its Surrounding Villages and Hamlets"); own2 = factories.applicant(g2)
    blank = ops.start(person=own, a_round=made, organisation_id=g.id).reference
    full = factories.application(S.DRAFT, in_round=made, organisation=g2, by=own2, title="Safe evenings on the estate").reference
    sub = factories.application(S.SUBMITTED, in_round=made, organisation=g2, by=own2, title="Night bus shelters").reference
    el = factories.application(S.ELIGIBLE, in_round=made, organisation=g2, by=own2, title="Boxing club for girls"); elr = el.reference
    for n in range(3): factories.score_sheet(el, factories.panel_member(f"Pat Panel {n}"), score=n+2)
    me = factories.panel_member("Me Myself"); factories.score_sheet(el, me, score=None, locked=False)
    done = factories.panel_member("Done Already"); factories.score_sheet(el, done)
    fresh = factories.panel_member("Fresh")
    dec = factories.decision(factories.application(S.RECOMMENDED, in_round=made, organisation=g2, by=own2, title="Decided thing")); decr = dec.application.reference
    who = {"": None, "own": own, "own2": own2, "me": me, "done": done, "fresh": fresh, "off": factories.officer(), "dm": factories.decision_maker(), "fin": factories.finance_officer()}
    slug = made.slug
    pages = [("", "/rounds"), ("", f"/rounds/{slug}"), ("", f"/rounds/{slug}/questions"), ("", f"/eligibility/{slug}"), ("", f"/eligibility/{slug}?q1=no"),
      ("own", f"/rounds/{slug}/apply"), ("own2", "/applications"), ("own", f"/applications/{blank}"), ("own", f"/applications/{blank}/project"), ("own", f"/applications/{blank}/dates"), ("own", f"/applications/{blank}/people"), ("own", f"/applications/{blank}/aims"), ("own", f"/applications/{blank}/questions/need"), ("own2", f"/applications/{full}/budget"), ("own", f"/applications/{blank}/check"), ("own2", f"/applications/{full}/check"), ("own2", f"/applications/{sub}/receipt"), ("own2", f"/applications/{sub}"), ("own2", f"/applications/{sub}/withdraw"),
      ("off", "/applications"), ("off", "/review"), ("off", f"/review/{sub}/check"), ("off", f"/review/{elr}/recommend"), ("fresh", f"/review/{elr}"), ("me", f"/review/{elr}"), ("done", f"/review/{elr}"), ("dm", "/decisions"), ("dm", f"/decisions/{elr}"), ("dm", f"/decisions/{decr}"), ("fin", "/payments")]
    out = pathlib.Path("/tmp/thread-shots"); out.mkdir(exist_ok=True)
    from grants.foundation.db import db
    import os
    only = os.environ.get("ONLY")
    from tests.support.browser import axe, sideways
    for n, (w, path) in enumerate(pages):
        if only and only not in path: continue
        for width in (320, 1280):
            db.session.rollback()
            p = new_page(who[w], width=width)
            a = p.goto(path)
            name = f"{n:02}{path.replace('/','_').split('?')[0]}-{w}-{width}"
            p.screenshot(path=str(out / f"{name}.png"), full_page=True)
            bad = axe(p) if not os.environ.get("NOAXE") else []
            print(a.status, name, sideways(p), bad)
            p.context.close()
