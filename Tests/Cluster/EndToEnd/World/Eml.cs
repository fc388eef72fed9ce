using System.Security.Cryptography;
using System.Text;

namespace AMA.Tests.Cluster.EndToEnd.World;

/// <summary>Messages for tests, with CRLF line ends.</summary>
public static class Eml
{
    public static byte[] Of(
        string subject, string body, string from = "ada@north.example", string to = "bob@south.example",
        string date = "Thu, 05 Nov 2026 16:40:51 +0100", params string[] more)
    {
        string[] id = more.Any(field => field.StartsWith("Message-ID:", StringComparison.Ordinal))
            ? []
            : [$"Message-ID: <{Hash(Encoding.UTF8.GetBytes(subject + body))[..20]}@made.example>"];
        string[] lines =
        [
            $"From: {from}", $"To: {to}", $"Subject: {subject}", $"Date: {date}", .. id, .. more, "", body, "",
        ];
        return Encoding.UTF8.GetBytes(string.Join("\r\n", lines));
    }

    public static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    public static byte[] Join(params byte[][] parts) => [.. parts.SelectMany(part => part)];
}
