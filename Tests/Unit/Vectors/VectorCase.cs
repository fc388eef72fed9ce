namespace AMA.Tests.Unit.Vectors;

/// <summary>One case of a vector file: Tests/Vectors/README.md.</summary>
public sealed class VectorCase
{
    private readonly Dictionary<string, string> _fields = [];

    public string Name => _fields["name"];

    /// <summary>"ok", or the fault's name.</summary>
    public string Expect => _fields["expect"];

    public bool IsGood => Expect == "ok";

    public IEnumerable<string> FieldNames => _fields.Keys;

    public bool Has(string field) => _fields.ContainsKey(field);

    public string Text(string field) =>
        _fields.TryGetValue(field, out var text) ? text : throw new KeyNotFoundException($"{Name}: no field {field}");

    public long Number(string field) => long.Parse(Text(field));

    public byte[] Bytes(string field)
    {
        var text = Text(field);
        if (!text.Contains('*')) return Convert.FromHexString(text);
        var parts = text.Split('*');
        var bytes = new byte[int.Parse(parts[1])];
        Array.Fill(bytes, Convert.FromHexString(parts[0]).Single());
        return bytes;
    }

    public override string ToString() => Name;

    /// <summary>All cases of a file in Tests/Vectors.</summary>
    public static IReadOnlyList<VectorCase> ReadFile(string file)
    {
        var cases = new List<VectorCase>();
        VectorCase? current = null;
        string? field = null;
        foreach (var line in File.ReadLines(Path.Combine(Folder, file)))
        {
            if (line.StartsWith('#')) continue;
            if (line.Length == 0) current = null;
            else if (line.StartsWith("  ", StringComparison.Ordinal)) current!._fields[field!] += line.Trim();
            else
            {
                if (current is null) cases.Add(current = new VectorCase());
                var colon = line.IndexOf(':');
                field = line[..colon];
                current._fields.Add(field, line[(colon + 1)..].Trim());
            }
        }
        var doubled = cases.GroupBy(c => c.Name).FirstOrDefault(group => group.Count() > 1);
        return doubled is null ? cases : throw new InvalidDataException($"{file}: two cases named {doubled.Key}");
    }

    private static string Folder
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "AMA.sln"))) folder = folder.Parent!;
            return Path.Combine(folder.FullName, "Tests", "Vectors");
        }
    }
}
