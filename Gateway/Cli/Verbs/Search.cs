using System.CommandLine;
using System.CommandLine.Parsing;
using AMA.Gateway.Cli.Api;
using AMA.Gateway.Cli.Output;

namespace AMA.Gateway.Cli.Verbs;

internal static class Search
{
    private const int PageMax = 100;
    private const int PageDefault = 20;

    private sealed record Symbols(
        Argument<string[]> Query, Option<int?> Limit, Option<string?> Cursor, Option<bool> All);

    public static Command Define(VerbRunner run)
    {
        var symbols = new Symbols(
            new("QUERY")
            {
                Description = "Words, \"phrases\", AND OR NOT, from: to: subject: body: filename: after: before: "
                    + "date:FROM..TO. Quote it for the shell. Nothing finds everything.",
                Arity = ArgumentArity.ZeroOrMore,
            },
            WholeNumber.Option("--limit",
                $"Messages a page, 1 to {PageMax}; {PageDefault} when left out ({PageMax} with --all).", 1, PageMax),
            new("--cursor") { Description = "Go on where a page ended." },
            new("--all") { Description = "All pages, one after the other." });
        var command = new Command("search", "Find messages, newest first.")
        {
            symbols.Query, symbols.Limit, symbols.Cursor, symbols.All,
        };
        return run.Set(command, (call, cancel) => FindAsync(call, symbols, cancel));
    }

    private static async Task<ExitCode> FindAsync(Invocation call, Symbols symbols, CancellationToken cancel)
    {
        var all = call.Parsed.GetValue(symbols.All);
        var limit = call.Parsed.GetValue(symbols.Limit) ?? (all ? PageMax : PageDefault);
        var query = ReadQuery(call.Parsed, symbols.Query);
        var cursor = call.Parsed.GetValue(symbols.Cursor);
        using var api = call.AsPerson();
        using var output = FoundOutput.For(call);
        do
        {
            var path = $"/v1/messages?q={Uri.EscapeDataString(query)}&limit={limit}";
            if (cursor is not null) path += $"&cursor={Uri.EscapeDataString(cursor)}";
            var page = await api.GetAsync<MessagePage>(path, cancel);
            output.Write(page);
            cursor = page.Value.Next;
        }
        while (all && cursor is not null);
        output.End();
        return ExitCode.Ok;
    }

    /// <summary>A mistyped option must not become a word that nothing is found by.</summary>
    private static string ReadQuery(ParseResult parsed, Argument<string[]> query)
    {
        var words = parsed.GetValue(query) ?? [];
        var mistyped = words.FirstOrDefault(word => word.StartsWith("--", StringComparison.Ordinal));
        if (mistyped is not null && parsed.Tokens.All(token => token.Type != TokenType.DoubleDash))
            throw new CliException(ExitCode.Usage, $"There is no option {Printable.Of(mistyped)}.",
                "To search for it: ama search -- " + Printable.Of(mistyped));
        return string.Join(' ', words);
    }
}
