using System.Security.Cryptography;
using System.Text;

namespace AMA.Archive.Retention;

/// <summary>How long a retention class keeps; its hash stands in every sealed message (docs/formats/AMA1.md).</summary>
public sealed class RetentionPolicy
{
    private RetentionPolicy(ushort retentionClass, int months)
    {
        Class = retentionClass;
        Months = months;
        Hash = SHA256.HashData(Encoding.ASCII.GetBytes($"ama/policy@v1\nclass {retentionClass}\nmonths {months}\n"));
    }

    public static RetentionPolicy Default { get; } = new(RetentionPart.DefaultClass, RetentionPart.DefaultMonths);

    public ushort Class { get; }
    public int Months { get; }

    /// <summary>SHA-256 of the policy's canonical text: "ama/policy@v1", "class N", "months N", each with a line feed.</summary>
    public byte[] Hash { get; }
}
