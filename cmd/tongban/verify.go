package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/tongban/tongban/fault"
	"github.com/tongban/tongban/internal/clock"
	"github.com/tongban/tongban/internal/i18n"
	"github.com/tongban/tongban/licence/sdjwt"
	"github.com/tongban/tongban/licence/verify"
)

// maxTrust is how large a trust file may be.
const maxTrust = 64 << 20

// verifyCommand checks an electronic licence offline. Every check is a line on
// standard output; a licence that is not good, or is none, is exit status 1.
func verifyCommand() *cobra.Command {
	var trustFile, lang string
	cmd := &cobra.Command{
		Use:   "verify TOKEN|FILE|-",
		Short: "Check an electronic licence offline against a trust file",
		Long: "Check an electronic licence without network or database. The licence is the text behind its QR code,\n" +
			"given as it is, in a file, or on standard input (-). The trust file comes from the city's portal: /trust.json.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			l := i18n.ParseLang(lang)
			trust, err := readTrust(trustFile)
			if err != nil {
				return inWords(err, l)
			}
			token, err := readToken(args[0], cmd.InOrStdin())
			if err != nil {
				return err
			}
			result, err := verify.Verify(token, trust, clock.System())
			if err != nil {
				return inWords(err, l)
			}
			printResult(cmd.OutOrStdout(), result, l)
			if !result.Valid {
				return errors.New(i18n.T(l, "verify.cli.bad"))
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&trustFile, "trust", "", "the trust file (required)")
	cmd.Flags().StringVar(&lang, "lang", "en", "language of the lines: en or zh")
	if err := cmd.MarkFlagRequired("trust"); err != nil { // only an unknown flag fails
		panic(err)
	}
	return cmd
}

// inWords is err as a user may read it, in one language.
func inWords(err error, l i18n.Lang) error {
	if fault.KindOf(err) == fault.Internal {
		return err
	}
	_, message, _ := fault.Shown(err)
	return errors.New(message.In(l))
}

func readTrust(name string) (verify.Trust, error) {
	f, err := os.Open(name)
	if err != nil {
		return verify.Trust{}, err
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxTrust))
	if err != nil {
		return verify.Trust{}, err
	}
	return verify.ParseTrust(src)
}

// readToken takes what has a ~ for the token itself, and everything else for
// the name of a file.
func readToken(arg string, stdin io.Reader) (string, error) {
	if strings.Contains(arg, "~") && strings.Contains(arg, ".") && !isFile(arg) {
		return arg, nil
	}
	in := stdin
	if arg != "-" {
		f, err := os.Open(arg)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in = f
	}
	src, err := io.ReadAll(io.LimitReader(in, sdjwt.MaxSize+1))
	return string(src), err
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.Mode().IsRegular()
}

func printResult(w io.Writer, r verify.Result, l i18n.Lang) {
	for _, c := range r.Checks {
		mark := "ok  "
		if !c.Pass {
			mark = "FAIL"
		}
		fmt.Fprintf(w, "%s  %-12s  %s\n", mark, c.ID, c.Line.In(l))
	}
	if !r.Valid {
		return
	}
	fmt.Fprintf(w, "\n%s · %s · %s\n", i18n.T(l, "verify.cli.good"), r.Type.In(l), r.Issuer.In(l))
	fmt.Fprintf(w, "%s\n", r.Identifier)
	for _, c := range r.Claims {
		fmt.Fprintf(w, "  %s: %s\n", c.Label.In(l), c.Value)
	}
}
