namespace AMA.Tests.Unit.Tidy.Assemblies;

/// <summary>
/// What a project's assembly may mention (own assemblies by name, families of libraries by prefix) and what may not
/// even lie beside it when it is deployed.
/// </summary>
public sealed record Dependencies(string Folder, string[] May, string[] NeverDeployed)
{
    /// <summary>
    /// Every assembly may use the framework, but not its network and not a console library named like it.
    /// </summary>
    private static readonly string[] Framework = ["System", "Microsoft.Win32", "netstandard"];
    private static readonly string[] NotFramework = ["System.Net", "System.CommandLine", "System.DirectoryServices"];

    /// <summary>IP addresses as values: no connection can be made with them.</summary>
    private const string NetworkValues = "System.Net.Primitives";

    public IEnumerable<string> Violations(BuiltAssembly built) =>
        Violations(built.References, built.Deployed());

    public IEnumerable<string> Violations(IEnumerable<string> references, IEnumerable<string> deployed)
    {
        foreach (var reference in references.Where(r => !IsFramework(r) && !May.Any(m => Covers(m, r))))
            yield return $"{Folder} uses {reference}";
        foreach (var library in deployed.Where(d => NeverDeployed.Any(n => Covers(n, d))))
            yield return $"{Folder} is deployed with {library}";
    }

    private static bool IsFramework(string name) => name == NetworkValues
        || Framework.Any(f => Covers(f, name)) && !NotFramework.Any(n => Covers(n, name));

    /// <summary>"Lucene.Net" covers Lucene.Net and Lucene.Net.Queries, not Lucene.Network.</summary>
    private static bool Covers(string prefix, string name) =>
        name == prefix || name.StartsWith(prefix + ".", StringComparison.Ordinal);
}
