using System.Text;

namespace AMA.Tests.Unit.Gateway.Smtp.Corpus;

/// <summary>The values in a file of Go's fuzzer: lines such as <c>[]byte("…")</c> and <c>string("…")</c>.</summary>
internal static class GoText
{
    public static IEnumerable<byte[]> Values(string file) =>
        from line in File.ReadLines(file)
        let start = line.IndexOf('"')
        where start >= 0
        select Unquote(line[(start + 1)..line.LastIndexOf('"')]);

    private static byte[] Unquote(string text)
    {
        var bytes = new List<byte>();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] != '\\')
            {
                var length = char.IsHighSurrogate(text[at]) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(text.Substring(at, length)));
                at += length - 1;
                continue;
            }
            at++;
            bytes.AddRange(text[at] switch
            {
                'x' => [Convert.ToByte(text.Substring(at + 1, 2), 16)],
                'u' => Encoding.UTF8.GetBytes(((char)Convert.ToInt32(text.Substring(at + 1, 4), 16)).ToString()),
                'U' => Encoding.UTF8.GetBytes(char.ConvertFromUtf32(Convert.ToInt32(text.Substring(at + 1, 8), 16))),
                var c => [Plain(c)],
            });
            at += text[at] switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        }
        return [.. bytes];
    }

    private static byte Plain(char c) => c switch
    {
        'a' => 7, 'b' => 8, 't' => 9, 'n' => 10, 'v' => 11, 'f' => 12, 'r' => 13, _ => (byte)c,
    };
}
