// Package policy decides who may do what, and who may see which field. Acts are
// decided by Cedar policies (*.cedar beside this file, checked against
// city.cedarschema when they are loaded); lists are narrowed in SQL by the
// Scope that ScopeOf gives, and a test holds the two to the same answer;
// fields are decided by the table in fields.yaml. What no policy permits is
// denied.
//
// The package knows no store: a caller says what the resource is. It is safe
// for concurrent use.
package policy

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/cedar-policy/cedar-go"
	cedarast "github.com/cedar-policy/cedar-go/ast"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"
	"github.com/cedar-policy/cedar-go/x/exp/schema"
	"github.com/cedar-policy/cedar-go/x/exp/schema/resolved"
	"github.com/cedar-policy/cedar-go/x/exp/schema/validate"

	"github.com/tongban/tongban/fault"
)

//go:embed *.cedar city.cedarschema fields.yaml
var files embed.FS

// Policy is the loaded set of policies. It is read-only.
type Policy struct {
	acts   map[Action]act
	fields fieldTable
}

// act is one action with the policies that can speak on it and the kinds of
// resource that it applies to.
type act struct {
	uid       types.EntityUID
	resources map[types.EntityType]bool
	policies  cedar.PolicyMap
}

// Load reads the policies of this package and checks each against the schema.
func Load() (*Policy, error) { return load(files) }

func load(fsys fs.FS) (*Policy, error) {
	sch, err := loadSchema(fsys)
	if err != nil {
		return nil, err
	}
	policies, err := loadPolicies(fsys, validate.New(sch))
	if err != nil {
		return nil, err
	}
	table, err := loadFields(fsys)
	if err != nil {
		return nil, err
	}
	p := &Policy{acts: map[Action]act{}, fields: table}
	for uid, action := range sch.Actions {
		a := act{uid: uid, resources: map[types.EntityType]bool{}, policies: cedar.PolicyMap{}}
		for _, t := range action.AppliesTo.Resources {
			a.resources[t] = true
		}
		for id, one := range policies {
			if speaksOn(one, uid) {
				a.policies[id] = anyAction(one)
			}
		}
		p.acts[Action(uid.ID)] = a
	}
	return p, nil
}

func loadSchema(fsys fs.FS) (*resolved.Schema, error) {
	src, err := fs.ReadFile(fsys, "city.cedarschema")
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	var s schema.Schema
	s.SetFilename("city.cedarschema")
	if err := s.UnmarshalCedar(src); err != nil {
		return nil, fmt.Errorf("policy: city.cedarschema: %w", err)
	}
	return s.Resolve()
}

func loadPolicies(fsys fs.FS, check *validate.Validator) (cedar.PolicyMap, error) {
	names, err := fs.Glob(fsys, "*.cedar")
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	all := cedar.PolicyMap{}
	for _, name := range names {
		src, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("policy: %w", err)
		}
		list, err := cedar.NewPolicyListFromBytes(name, src)
		if err != nil {
			return nil, fmt.Errorf("policy: %s: %w", name, err)
		}
		for _, one := range list {
			id := cedar.PolicyID(one.Annotations()["id"])
			if id == "" || all[id] != nil {
				return nil, fmt.Errorf("policy: %s:%d: every policy needs an @id of its own, got %q", name, one.Position().Line, id)
			}
			if err := check.Policy(string(id), (*ast.Policy)(one.AST())); err != nil {
				return nil, fmt.Errorf("policy: %s: %s: %w", name, id, err)
			}
			all[id] = one
		}
	}
	return all, nil
}

// speaksOn reports whether the policy's action scope takes in the action. The
// schema has no action groups, so equality is all there is.
func speaksOn(p *cedar.Policy, uid types.EntityUID) bool {
	switch scope := (*ast.Policy)(p.AST()).Action.(type) {
	case ast.ScopeTypeEq:
		return scope.Entity == uid
	case ast.ScopeTypeIn:
		return scope.Entity == uid
	case ast.ScopeTypeInSet:
		return slices.Contains(scope.Entities, uid)
	default:
		return true
	}
}

// anyAction is the policy without its action scope. Policies are sorted by
// action when they are loaded, so that asking again at each Allow would only
// take time (a third of it).
func anyAction(p *cedar.Policy) *cedar.Policy {
	tree := *(*ast.Policy)(p.AST())
	tree.Action = ast.ScopeTypeAll{}
	return cedar.NewPolicyFromAST((*cedarast.Policy)(&tree))
}

// Actions lists every action that the policies know, sorted.
func (p *Policy) Actions() []Action { return slices.Sorted(maps.Keys(p.acts)) }

// Allow is nil when pr may do a on r. Otherwise it is a fault: Unauthenticated
// for the public, Denied for everyone else. An action that is unknown, or that
// does not apply to a resource of that type, is denied.
func (p *Policy) Allow(pr Principal, a Action, r Resource) error {
	const op = "policy.Allow"
	action, ok := p.acts[a]
	if !ok {
		return denied(pr, a, fmt.Errorf("unknown action %q", a))
	}
	who, what := pr.entity(), r.entity()
	if !action.resources[what.UID.Type] {
		return denied(pr, a, fmt.Errorf("%q does not apply to %q", a, r.Type))
	}
	decision, diag := cedar.Authorize(action.policies, pair{who, what}, cedar.Request{
		Principal: who.UID, Action: action.uid, Resource: what.UID,
	})
	if len(diag.Errors) > 0 { // a forbid that cannot be evaluated must not be taken for silence
		return &fault.Error{Kind: fault.Internal, Op: op, Err: fmt.Errorf("%s: %s", diag.Errors[0].PolicyID, diag.Errors[0].Message)}
	}
	if decision != cedar.Allow {
		return denied(pr, a, because(diag))
	}
	return nil
}

// because is what the log says of a denial.
func because(diag cedar.Diagnostic) error {
	if len(diag.Reasons) == 0 {
		return fmt.Errorf("nothing permits it")
	}
	return fmt.Errorf("forbidden by %s", diag.Reasons[0].PolicyID)
}

// pair holds the two entities of one request; Cedar asks for nothing else.
type pair struct{ principal, resource types.Entity }

// Get is types.EntityGetter.
func (p pair) Get(uid types.EntityUID) (types.Entity, bool) {
	switch uid {
	case p.principal.UID:
		return p.principal, true
	case p.resource.UID:
		return p.resource, true
	}
	return types.Entity{}, false
}
