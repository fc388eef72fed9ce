using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.Json;

namespace AMA.Tests.Unit.Tidy.Assemblies;

/// <summary>One use of a foreign type in the body of a method: "AMA.X.Writer" uses "System.Y.Cipher".</summary>
public sealed record TypeUse(string User, string Used);

/// <summary>What a built assembly says of itself, read from its metadata without loading it.</summary>
public sealed class BuiltAssembly
{
    private readonly string _path;

    private BuiltAssembly(string path, IReadOnlySet<string> references, IReadOnlySet<TypeUse> uses) =>
        (_path, References, Uses) = (path, references, uses);

    /// <summary>
    /// Assemblies whose types it mentions; a reference that is never used does not stand in metadata.
    /// </summary>
    public IReadOnlySet<string> References { get; }

    /// <summary>
    /// Types of other assemblies that its methods call, create or name; nested types count as the outer one.
    /// </summary>
    public IReadOnlySet<TypeUse> Uses { get; }

    public static BuiltAssembly Read(string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"{path} is not built: build the whole solution (infra/test.sh) first");
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var references = metadata.AssemblyReferences
            .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name));
        return new(path, references.ToHashSet(), UsesOf(file, metadata).ToHashSet());
    }

    /// <summary>Every package and project that is deployed with it, used or not: the names in its .deps.json.</summary>
    public IReadOnlySet<string> Deployed()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.ChangeExtension(_path, ".deps.json")));
        return document.RootElement.GetProperty("libraries").EnumerateObject()
            .Select(library => library.Name.Split('/')[0])
            .Where(name => name != Path.GetFileNameWithoutExtension(_path))
            .ToHashSet();
    }

    private static IEnumerable<TypeUse> UsesOf(PEReader file, MetadataReader metadata)
    {
        var names = new TypeNames(metadata);
        foreach (var handle in metadata.MethodDefinitions)
        {
            var method = metadata.GetMethodDefinition(handle);
            if (method.RelativeVirtualAddress == 0) continue;
            var user = names.OutermostOf(method.GetDeclaringType());
            foreach (var token in IlTokens.In(file.GetMethodBody(method.RelativeVirtualAddress).GetILReader()))
            {
                if (names.ForeignTypeOf(token) is { } used)
                    yield return new(user, used);
            }
        }
    }
}
