package casework

import (
	"context"
	"maps"
	"strconv"

	"github.com/tongban/tongban/catalog"
	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/db"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/internal/id"
	"github.com/tongban/tongban/licence"
	"github.com/tongban/tongban/party"

	"github.com/tongban/tongban/casework/internal/store"
)

func owner(row store.Case) party.ID    { return party.ID(row.Subject) }
func holderOf(row store.Case) party.ID { return party.ID(row.Holder) }

// issue makes the version's licences, in the transaction of the decision.
func (r *run) issue(ctx context.Context) error {
	if r.st.Decision == nil { // the process issues by rule, without a decider
		if err := r.approve(ctx, "rule"); err != nil {
			return err
		}
	}
	if r.st.Result == nil {
		r.st.Result = map[string]string{}
	}
	for _, typ := range r.ver.Outputs {
		t, ok := r.o.City.LicenceType(typ)
		if !ok {
			return fault.New(fault.Internal, "casework.issue", i18n.M("casework.noLicenceType", "type", typ))
		}
		if err := r.issueOne(ctx, t); err != nil {
			return err
		}
	}
	if len(r.ver.Outputs) == 0 {
		r.event("done", nil)
	}
	return nil
}

func (r *run) issueOne(ctx context.Context, t catalog.LicenceType) error {
	number, err := r.o.Licences.Number(t)
	if err != nil {
		return err
	}
	claims, err := r.claims(ctx, t, number)
	if err != nil {
		return err
	}
	if t.Founds {
		if err := r.found(ctx, number, claims); err != nil {
			return err
		}
	}
	holder, err := r.o.Parties.Get(ctx, r.tx, holderOf(r.row))
	if err != nil {
		return err
	}
	l, err := r.o.Licences.Issue(ctx, r.tx, licence.Order{Type: t, Number: number, Holder: holder, CaseID: r.row.ID, Claims: claims})
	if err != nil {
		return err
	}
	maps.Copy(r.st.Result, claims)
	r.st.Result[t.ID] = l.Number
	r.st.Result["number"] = l.Number
	r.st.Licences = append(r.st.Licences, l.ID)
	r.event("issued", map[string]string{"licence": l.ID, "number": l.Number, "name.zh": t.Name.ZH, "name.en": t.Name.EN})
	return r.register(ctx, t, claims)
}

// claims computes the licence's claims from the case's variables. A claim that
// the version gives no text for is taken from the variable of its name.
func (r *run) claims(ctx context.Context, t catalog.LicenceType, number string) (map[string]string, error) {
	vars := map[string]any{}
	maps.Copy(vars, r.st.Process.Vars())
	vars["licence_number"] = number
	vars["today"] = r.o.today().String()
	claims := map[string]string{}
	for _, c := range t.Claims {
		src, ok := r.ver.Claims[c.Key]
		if !ok {
			src = c.Key
		}
		rule, err := r.o.rules.get(src)
		if err != nil {
			return nil, err
		}
		value, err := rule.Value(vars)
		if err != nil || value == nil {
			continue // a claim that nothing is known for is left out
		}
		if s := stringOf(value); s != "" {
			claims[c.Key] = s
		}
	}
	return claims, nil
}

// found makes the organisation that the licence brings into being. The
// applicant becomes its legal representative, and holds the case's results as
// the organisation.
func (r *run) found(ctx context.Context, number string, claims map[string]string) error {
	if err := db.Serial(r.tx); err != nil {
		return err
	}
	founder := owner(r.row)
	org := party.Party{ID: party.ID(id.New()), Kind: party.Organisation, Name: claims["name"], IDType: "001", IDNumber: number,
		Address: claims["address"], Area: r.row.Area}
	person, err := r.o.Parties.Get(ctx, r.tx, founder)
	if err != nil {
		return err
	}
	org.Phone = person.Phone
	if err := r.o.Parties.Put(ctx, r.tx, org); err != nil {
		return err
	}
	mandate := party.Mandate{ID: id.New(), Principal: org.ID, Agent: founder, Kind: party.LegalRepresentative, From: r.now, GrantedBy: party.System}
	if err := r.o.Parties.Grant(ctx, r.tx, mandate); err != nil {
		return err
	}
	r.row.Holder = string(org.ID)
	r.event("founded", map[string]string{"name": org.Name, "number": number})
	return nil
}

// register writes what issuing a licence makes known about its holder.
func (r *run) register(ctx context.Context, t catalog.LicenceType, claims map[string]string) error {
	if t.Registers == nil {
		return nil
	}
	if err := db.Serial(r.tx); err != nil { // a register has no revision
		return err
	}
	resource, ok := r.o.City.Resource(t.Registers.Resource)
	if !ok {
		return fault.New(fault.Internal, "casework.register", i18n.M("casework.noRegister", "register", t.Registers.Resource))
	}
	values := map[string]any{}
	for _, f := range resource.Fields {
		if claim, ok := claims[t.Registers.Fields[f.Key]]; ok {
			values[f.Key] = typed(f.Type, claim)
		}
	}
	return r.o.Exchange.Amend(ctx, r.tx, resource.ID, holderOf(r.row), values, r.now)
}

// typed is a claim in the type of a register's field; what does not fit stays a
// text, and the register refuses it.
func typed(typ, s string) any {
	switch typ {
	case "int":
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return n
		}
	case "double":
		if n, err := strconv.ParseFloat(s, 64); err == nil {
			return n
		}
	case "bool":
		if b, err := strconv.ParseBool(s); err == nil {
			return b
		}
	}
	return s
}
