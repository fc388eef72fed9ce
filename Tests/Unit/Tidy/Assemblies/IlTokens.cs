using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace AMA.Tests.Unit.Tidy.Assemblies;

/// <summary>
/// Walks a method's instructions and hands out the metadata tokens in them (ECMA-335, partition III).
/// </summary>
internal static class IlTokens
{
    private const byte TwoByteCodes = 0xFE;

    private static readonly Dictionary<ushort, OperandType> Operands = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (ushort)code.Value, code => code.OperandType);

    public static List<EntityHandle> In(BlobReader code)
    {
        var tokens = new List<EntityHandle>();
        while (code.RemainingBytes > 0)
        {
            ushort instruction = code.ReadByte();
            if (instruction == TwoByteCodes) instruction = (ushort)(instruction << 8 | code.ReadByte());
            var operand = Operands[instruction];
            if (IsToken(operand)) tokens.Add((EntityHandle)MetadataTokens.Handle(code.ReadInt32()));
            else code.Offset += BytesOf(operand, code);
        }
        return tokens;
    }

    private static bool IsToken(OperandType operand) => operand is
        OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType;

    private static int BytesOf(OperandType operand, BlobReader code) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + 4 * code.ReadInt32(),
        _ => 4,
    };
}
