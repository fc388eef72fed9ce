using System.Text.RegularExpressions;

namespace AMA.Tests.Unit.Tidy.Sources;

/// <summary>
/// Key bytes have no way out: no text, no line of a log, no general serialiser. What holds a Secret, directly or in what
/// it holds, is never serialised.
/// </summary>
internal static partial class SecretRules
{
    private const string Secret = "Secret";

    /// <summary>Names of all types that hold a Secret, however deep.</summary>
    public static IReadOnlySet<string> Holders(IEnumerable<SourceFile> files)
    {
        SourceType[] types = [.. files.SelectMany(file => file.TypesWithMembers())];
        var holders = new HashSet<string> { Secret };
        while (types.Count(type => !holders.Contains(type.Name) && Holds(type, holders) && holders.Add(type.Name)) > 0)
        {
            // Until nothing new holds one.
        }
        return holders;
    }

    public static IEnumerable<string> Serialised(IReadOnlyList<SourceFile> files)
    {
        var json = files.SelectMany(file => file.JsonTypes()).ToHashSet();
        SourceType[] serialised =
        [
            .. files.SelectMany(file => file.TypesWithMembers())
                .Where(type => type.Attributes.Contains("GenerateSerializer") || json.Contains(type.Name)),
        ];
        // A member that is serialised itself is looked at by itself; its name may be that of another type, too.
        var holders = Holders(files).Except(serialised.Select(type => type.Name)).ToHashSet();
        return serialised
            .Where(type => Holds(type, holders))
            .Select(type => $"{type.File}: {type.Name} is serialised and holds a secret");
    }

    public static IEnumerable<string> Logged(IReadOnlyList<SourceFile> files)
    {
        var holders = Holders(files);
        return from file in files
               from type in file.LoggedTypes()
               where WordsOf(type).Any(holders.Contains)
               select $"{file.Path}: a log message takes {type}";
    }

    private static bool Holds(SourceType type, IReadOnlySet<string> holders) =>
        type.MemberTypes.Any(member => WordsOf(member).Any(holders.Contains));

    /// <summary>"IReadOnlyList&lt;LeasedKey&gt;?" names two types.</summary>
    private static IEnumerable<string> WordsOf(string type) => Words().Matches(type).Select(match => match.Value);

    [GeneratedRegex(@"\w+")]
    private static partial Regex Words();
}
