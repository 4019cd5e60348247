package docs

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tongban/tongban/internal/config"
)

var update = flag.Bool("update", false, "write the tables that come from code anew")

// hold compares what stands between <!-- name --> and <!-- /name --> of a file
// with want, and with -update puts it there.
func hold(t *testing.T, file, name, want string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(file))
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(src), "<!-- "+name+" -->\n")
	got, after, ok2 := strings.Cut(rest, "<!-- /"+name+" -->")
	if !ok || !ok2 {
		t.Fatalf("%s has no place marked %q", file, name)
	}
	if *update && got != want {
		if err := os.WriteFile(path, []byte(before+"<!-- "+name+" -->\n"+want+"<!-- /"+name+" -->"+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s, %s (-want +got); go test ./internal/docs -update:\n%s", file, name, diff)
	}
}

// TestSettings writes the table of settings from the configuration's type.
func TestSettings(t *testing.T) {
	about := map[string]string{}
	for _, f := range parseFile(t, "internal/config/config.go").Decls {
		gen, ok := f.(*ast.GenDecl)
		if !ok || gen.Tok != token.TYPE {
			continue
		}
		for _, spec := range gen.Specs {
			st, ok := spec.(*ast.TypeSpec).Type.(*ast.StructType)
			if !ok {
				continue
			}
			name := spec.(*ast.TypeSpec).Name.Name
			about[name] = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(gen.Doc.Text()), name+" is "), ".")
			for _, field := range st.Fields.List {
				about[name+"."+field.Names[0].Name] = strings.TrimSpace(field.Comment.Text())
			}
		}
	}
	var b strings.Builder
	b.WriteString("| key | environment | default | what it is |\n|---|---|---|---|\n")
	settings(&b, about, "", reflect.ValueOf(config.Default()))
	hold(t, "docs/design/operations.md", "settings", b.String())
}

func settings(b *strings.Builder, about map[string]string, prefix string, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key := prefix + f.Tag.Get("yaml")
		if f.Type.Kind() == reflect.Struct {
			settings(b, about, key+".", v.Field(i))
			continue
		}
		value := fmt.Sprint(v.Field(i).Interface())
		if value != "" {
			value = "`" + value + "`"
		}
		env := "TONGBAN_" + strings.ToUpper(strings.NewReplacer(".", "_", "-", "_").Replace(key))
		what := about[v.Type().Name()+"."+f.Name]
		if what == "" { // the struct says it
			what = f.Tag.Get("yaml") + " of " + about[v.Type().Name()]
		}
		fmt.Fprintf(b, "| `%s` | `%s` | %s | %s |\n", key, env, value, what)
	}
}

func parseFile(t *testing.T, name string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, filepath.FromSlash(name)), nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestMoves writes the table of a case's statuses from casework/status.go: the
// constants with their comments, and the map of moves.
func TestMoves(t *testing.T) {
	file := parseFile(t, "casework/status.go")
	value, about := constants(file)
	moves := moveTable(file, value)
	if len(moves) < 5 {
		t.Fatalf("casework/status.go: got moves from %d statuses, want the table", len(moves))
	}
	var b strings.Builder
	b.WriteString("| status | whose turn | what leads on |\n|---|---|---|\n")
	for _, name := range value.order {
		if strings.HasPrefix(name, "Cmd") || about[name] == "" || !value.status[name] {
			continue
		}
		var steps []string
		for _, m := range moves[name] {
			steps = append(steps, fmt.Sprintf("%s → `%s`", value.text[m[0]], value.text[m[1]]))
		}
		if steps == nil {
			steps = []string{"nothing"}
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", value.text[name], about[name], strings.Join(steps, "; "))
	}
	hold(t, "docs/design/casework.md", "moves", b.String())
}

// consts are the string constants of a file.
type consts struct {
	order  []string
	text   map[string]string
	status map[string]bool // of type Status
}

func constants(file *ast.File) (consts, map[string]string) {
	c, about := consts{text: map[string]string{}, status: map[string]bool{}}, map[string]string{}
	for _, decl := range file.Decls {
		gen, ok := decl.(*ast.GenDecl)
		if !ok || gen.Tok != token.CONST {
			continue
		}
		for _, spec := range gen.Specs {
			v := spec.(*ast.ValueSpec)
			lit, ok := v.Values[0].(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				continue
			}
			name := v.Names[0].Name
			c.order = append(c.order, name)
			c.text[name], _ = strconv.Unquote(lit.Value) // the file parsed
			about[name] = strings.TrimSpace(v.Comment.Text())
			typ, _ := v.Type.(*ast.Ident)
			c.status[name] = typ != nil && typ.Name == "Status"
		}
	}
	return c, about
}

// moveTable is the map of moves: from a status, pairs of command and status in
// the order in which the file has them.
func moveTable(file *ast.File, c consts) map[string][][2]string {
	table := map[string][][2]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || spec.Names[0].Name != "moves" {
			return true
		}
		for _, row := range spec.Values[0].(*ast.CompositeLit).Elts {
			pair := row.(*ast.KeyValueExpr)
			from := pair.Key.(*ast.Ident).Name
			for _, step := range pair.Value.(*ast.CompositeLit).Elts {
				s := step.(*ast.KeyValueExpr)
				table[from] = append(table[from], [2]string{s.Key.(*ast.Ident).Name, s.Value.(*ast.Ident).Name})
			}
		}
		return false
	})
	return table
}

// TestConfiguration reads the configuration that the README shows as the
// program would.
func TestConfiguration(t *testing.T) {
	readme := readDocument(t, "README.md")
	i := slices.IndexFunc(readme.blocks, func(b block) bool { return b.info == "yaml" })
	if i < 0 {
		t.Fatal("the README shows no configuration")
	}
	file := filepath.Join(t.TempDir(), "tongban.yaml")
	if err := os.WriteFile(file, []byte(readme.blocks[i].text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, []string{"TONGBAN_LOGIN_CLIENT_SECRET=secret"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(); err != nil {
		t.Errorf("the README's configuration: %v", err)
	}
}
