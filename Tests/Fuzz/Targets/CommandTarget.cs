using System.Net;
using System.Buffers;
using System.Text;
using AMA.Archive.Ids;
using AMA.Archive.Spool;
using AMA.Gateway.Smtp.Protocol;
using AMA.Tests.Fuzz.Canaries;

namespace AMA.Tests.Fuzz.Targets;

/// <summary>
/// The command parser and the conversation behind it: the input is what a client sends inside TLS after EHLO. Whatever
/// it is, replies are well-formed, nothing of a chunk is a command, and what reaches an envelope is text that comes
/// back from it.
/// </summary>
internal sealed class CommandTarget(bool canary) : IFuzzTarget
{
    private static readonly SmtpRules Rules = new("x.example", 1_000, RecipientsMax: 20, ErrorsMax: 200);

    private static readonly string[] Texts =
    [
        "EHLO c\r\n", "HELO c\r\n", "MAIL FROM:<a@b.example> SIZE=10 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2B\r\n",
        "RCPT TO:<j@one.example> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+40b\r\n", "DATA\r\n", "RSET\r\n", "NOOP\r\n",
        "BDAT 5 LAST\r\n12345", "BDAT 3\r\nabc", "AUTH PLAIN AGEAYg==\r\n", "AUTH LOGIN\r\nYQ==\r\nYg==\r\n",
        "MAIL FROM:<\"a b\"@[192.0.2.1]>\r\n", "MAIL FROM:<@r.example:\"\\a\"@b.example>\r\n", "QUIT\r\n",
        "VRFY a\r\n", "MAIL FROM:<zo\u00eb@b.example> SMTPUTF8\r\n",
    ];

    private static readonly string[] Fragments =
    [
        "\r\n", "\"", "\\", "\\\"", "<", ">", "@", "[IPv6:::1]", " ", "=", ";", ",", "\u0308", "*", "NEVER", "utf-8;",
        "BINARYMIME", "LAST", "99999999999999999999", "-1",
    ];

    public string Name => "command";

    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        Encoding.UTF8.GetBytes(Texts[2] + Texts[3] + Texts[4]), Encoding.UTF8.GetBytes(Texts[9] + Texts[2] + Texts[3]),
        Encoding.UTF8.GetBytes(Texts[11] + Texts[3] + Texts[8] + Texts[7]), Encoding.UTF8.GetBytes(Texts[15] + Texts[12]),
    ];

    public IReadOnlyList<byte[]> Words { get; } = [.. Texts.Concat(Fragments).Select(Encoding.UTF8.GetBytes)];

    public void Run(byte[] input)
    {
        var conversation = new SmtpConversation(Rules, new OneTenant(), IPAddress.Loopback, new OneSecret());
        conversation.Secured();
        conversation.Take("EHLO c"u8);
        var buffer = new ReadOnlySequence<byte>(input);
        while (InputLine.Take(ref buffer) is { Kind: InputKind.Line } line)
        {
            var step = conversation.Take(line.Bytes);
            Finding.Unless(step.Reply.Code is >= 200 and < 600, "a reply without a code");
            if (step.Action is SmtpAction.Close) return;
            Finding.Unless(step.Action != SmtpAction.StartTls, "TLS inside TLS");
            if (conversation.Transaction is { } transaction) Check(transaction);
            if (step.Action is SmtpAction.ReadMessage) End(conversation);
            if (step.Action is SmtpAction.ReadChunk or SmtpAction.DropChunk && !TakeChunk(step, conversation, ref buffer))
                return;
        }
    }

    private static bool TakeChunk(SmtpStep step, SmtpConversation conversation, ref ReadOnlySequence<byte> buffer)
    {
        var reader = new ChunkReader(step.Chunk.Octets, new ContentGauge(Rules.MessageBytesMax));
        var read = reader.Read(buffer.FirstSpan, new ArrayBufferWriter<byte>());
        Finding.Unless(read == Math.Min(step.Chunk.Octets, buffer.Length), "a chunk of another length");
        buffer = buffer.Slice(read);
        if (reader.Ended && step.Action == SmtpAction.ReadChunk && step.Chunk.IsLast) End(conversation);
        return reader.Ended;
    }

    private static void End(SmtpConversation conversation)
    {
        var transaction = conversation.Transaction!;
        Finding.Unless(transaction.Recipients.Count is > 0 and <= 20, "a message for nobody, or for too many");
        var trace = new ReceiveTrace(
            DateTimeOffset.UnixEpoch, "", conversation.Hello!, "", "", conversation.Identity,
            transaction.Parameters.SmtpUtf8, false, transaction.Parameters.Size, transaction.Parameters.EnvelopeId);
        var envelope = new Envelope(transaction.Tenant, transaction.Sender.Text, transaction.Recipients, trace);
        var back = EnvelopeCodec.Decode(EnvelopeCodec.Encode(envelope), out _);
        Finding.Unless(back.Sender == envelope.Sender && back.Trace == trace, "the envelope says something else");
        Finding.Unless(back.Recipients.SequenceEqual(envelope.Recipients), "the envelope names others");
        conversation.EndTransaction(taken: true);
    }

    private void Check(MailTransaction transaction)
    {
        var sender = transaction.Sender;
        Finding.Unless(!sender.Text.Any(char.IsControl), "a control character in a sender");
        Finding.Unless(sender.IsAscii || transaction.Parameters.SmtpUtf8, "more than ASCII without SMTPUTF8");
        Finding.Unless(transaction.Parameters.EnvelopeId?.Contains('=') != true, "an ENVID that is no xtext");
        if (sender.IsNull || sender.Domain.Length == 0) return;
        var key = canary ? FoolishKey.Of(sender) : sender.Key;
        var fault = PathParser.Parse(Encoding.UTF8.GetBytes($"<{key}>"), out var again, out _);
        Finding.Unless(fault == PathFault.None && again.Key == sender.Key, "an address's key is not its own key");
    }

    private sealed class OneTenant : IDirectoryBook
    {
        public SourceAnswer SourcesOf(ClientProof client) => new(true, [new(new TenantId(Guid.Empty), Guid.Empty)]);

        public bool TakesOneMore(TenantId tenant) => true;

        public RecipientAnswer Find(MailPath recipient) => recipient.Domain.Length % 2 == 1
            ? RecipientAnswer.Known(new TenantId(Guid.Empty), new MailboxId(Guid.Empty))
            : RecipientAnswer.Unknown;
    }

    private sealed class OneSecret : ISourceCredentials
    {
        public CredentialVerdict Check(string user, ReadOnlySpan<byte> secret)
        {
            Finding.Unless(user.Length > 0 && secret.Length is > 0 and <= 255, "a secret beyond its bounds");
            return user == "a" && secret.SequenceEqual("b"u8) ? CredentialVerdict.Good : CredentialVerdict.Wrong;
        }
    }
}
